#include "inspection/thread_use.h"

#include <ctime>

#include "inspection/allocation_count.h"

namespace loopgate::inspection {

namespace {

ThreadUse so_far() {
  timespec cpu{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
  return {allocations_so_far(), thread_faults(), std::int64_t{cpu.tv_sec} * 1'000'000'000 + cpu.tv_nsec};
}

}  // namespace

UseMeter::UseMeter() : begin_(so_far()) {}

ThreadUse UseMeter::used() const {
  ThreadUse use = so_far();
  if (use.allocations && begin_.allocations) *use.allocations -= *begin_.allocations;
  use.faults = {use.faults.minor - begin_.faults.minor, use.faults.major - begin_.faults.major};
  use.cpu_ns -= begin_.cpu_ns;
  return use;
}

}  // namespace loopgate::inspection
