#include "base/side_by_side.h"

#include <atomic>
#include <exception>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace loopgate {
namespace {

Status without_exceptions(std::size_t i, const std::function<Status(std::size_t)>& work) {
  try {
    return work(i);
  } catch (const std::exception& error) {
    return fail(ErrorKind::infrastructure, error.what());
  }
}

}  // namespace

Status side_by_side(std::size_t count, int jobs, const std::function<Status(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::map<std::size_t, Status> failed;
  const auto go_on = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      Status done = without_exceptions(i, work);
      if (done) continue;
      next = count;
      const std::lock_guard guard(mutex);
      failed.emplace(i, std::move(done));
    }
  };
  std::vector<std::jthread> others;
  for (int job = 1; job < jobs && others.size() + 1 < count; ++job) others.emplace_back(go_on);
  go_on();
  others.clear();  // joins
  return failed.empty() ? Status() : failed.begin()->second;
}

}  // namespace loopgate
