// Which locks the payload's way to its answer takes, and who holds one of them. Of a kernel whose spinlocks
// are real-time mutexes (PREEMPT_RT): a task that holds one is preempted, and the payload waits until it has
// given it back. Knows nothing of QEMU.
#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>

#include "qemu/plugin/section_windows.h"

namespace loopgate {

class HeldLocks {
 public:
  // A stimulus is under way: what real-time tasks take is on its way.
  void set_under_way(bool under_way) { under_way_ = under_way; }
  // Another task is on the CPU.
  void switched() { ++switches_; }

  // A task, real-time or not, asks for a lock at this place. What opens is a window of the kind `lock_held`,
  // whose place is the caller's, and its link the lock; nothing where nobody waits for that lock, or a
  // real-time task takes it. As many others are held by tasks that do not run as `beside` says.
  std::optional<OpenedSection> take(std::uint64_t lock, std::uint64_t caller, bool real_time,
                                    std::int64_t at_ns);
  // What closes; nothing where it was not followed, or another task ran meanwhile: that is no length of the
  // holder's own.
  std::optional<ClosedSection> give(std::uint64_t lock, std::int64_t at_ns);

  // How many are held that the payload takes.
  std::size_t held() const { return held_.size(); }

 private:
  struct Held {
    SectionPlace place;
    std::int64_t since_ns = 0;
    std::uint64_t switches = 0;
  };

  bool under_way_ = false;
  std::uint64_t switches_ = 0;
  std::unordered_set<std::uint64_t> wanted_;
  std::unordered_map<std::uint64_t, Held> held_;
};

}  // namespace loopgate
