// Which tasks wait for a lock that another one has, on a kernel whose spinlocks are real-time mutexes, and
// where that one took it. Knows nothing of QEMU.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>
#include <vector>

#include "protocol/section_file.h"
#include "protocol/trace_file.h"

namespace loopgate {

// A call of a function that takes a lock.
struct LockCall {
  std::uint64_t lock = 0;
  std::uint64_t owner_at = 0;  // address of the word that names the lock's holder
  SectionPlace place = {};     // the function, and where it returns to
  std::int64_t at_ns = 0;
};

// A task is off the CPU until it has the lock. Begins where it asked for the lock; where it slept in the same
// call before, as it leaves the CPU.
struct LockWait {
  std::uint64_t lock = 0;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  SectionPlace asked = {};
  SectionPlace taken = {};  // by its holder; 0 where that was not seen
  TraceTask waiter = {};
  TraceTask holder = {};             // without a name: not known
  std::vector<std::uint64_t> chain;  // return addresses where it left the CPU
};

class LockWaits {
 public:
  // A task calls a function that takes a lock, or one that gives it back.
  void take(std::uint64_t task, const LockCall& call);
  void give(std::uint64_t task, std::uint64_t lock);

  // Whether a task has asked for a lock that it has not given back: it may be in that call.
  bool may_be_in_call(std::uint64_t task) const;
  // The call that a task is in that leaves the CPU: where it returns to is among the return addresses.
  // Nothing where it is in none.
  const LockCall* call_in(std::uint64_t task, std::span<const std::uint64_t> chain) const;

  // A task leaves the CPU in such a call, and does not have the lock. `holder` is the task that has it; its
  // address is 0 where that is not known.
  void leave(const TraceTask& task, const LockCall& call, const TraceTask& holder, std::int64_t at_ns,
             std::vector<std::uint64_t> chain);
  // Of a lock that was given back and is nobody's: the first of the tasks that wait for it, which it goes to
  // before one that comes later. Its address is 0 where none waits.
  TraceTask next_for(std::uint64_t lock) const;
  // A task is on the CPU again. What it waited for, if it did.
  std::optional<LockWait> resume(std::uint64_t task, std::int64_t at_ns);

  // How many tasks wait.
  std::size_t waiting() const { return waits_.size(); }

 private:
  struct Kept {
    LockCall call;
    bool slept = false;
    bool given = false;
  };
  SectionPlace taken_by(std::uint64_t task, std::uint64_t lock) const;

  std::unordered_map<std::uint64_t, std::vector<Kept>> calls_;  // by task, latest last
  std::unordered_map<std::uint64_t, LockWait> waits_;           // by the task that waits
};

}  // namespace loopgate
