// A task wakes one of a higher priority: from before it posts until the other runs. The way back is not in
// it.
#include "gates.h"
#include "partner.h"
#include "primitive.h"

namespace loopgate::primitives {
namespace {

template <class Gate>
class WakeHigher : public Primitive {
 public:
  explicit WakeHigher(const Settings& settings) : partner_(settings, 1, [this] { be_woken(); }) {}
  ~WakeHigher() {
    over_ = true;
    gate_.post();
  }
  WakeHigher(const WakeHigher&) = delete;
  WakeHigher& operator=(const WakeHigher&) = delete;
  std::int64_t iterate() {
    const std::int64_t posted = part_begins_ns();
    gate_.post();  // and the other, being above us on our CPU, has run and waits again
    must_hold(woken_ >= posted, "the higher task did not run when it was woken");
    return woken_ - posted;
  }

 private:
  void be_woken() {
    for (;;) {
      gate_.wait();
      woken_ = part_ends_ns();
      if (over_) return;
    }
  }

  Gate gate_;
  std::atomic<bool> over_{false};
  std::atomic<std::int64_t> woken_{0};
  Partner partner_;
};

}  // namespace

std::vector<Entry> wake_ups() {
  return {entry<WakeHigher<PipeGate>>("wake-higher-pipe", "a pipe wakes a task of a higher priority",
                                      {.real_time = true}),
          entry<WakeHigher<EventGate>>("wake-higher-eventfd", "an eventfd wakes a task of a higher priority",
                                       {.real_time = true}),
          entry<WakeHigher<FutexGate>>("wake-higher-futex", "a futex wakes a task of a higher priority",
                                       {.real_time = true})};
}

}  // namespace loopgate::primitives
