// Which exceptions each task of the guest is in, so that instructions of an interrupt are told from those
// that the task asked for by a system call. Knows nothing of QEMU.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

namespace loopgate {

class ExceptionStacks {
 public:
  // An exception is taken while `task` is on the CPU.
  void enter(std::uint64_t task, bool interrupt) { tasks_[task].push_back(interrupt); }
  // It returns from the innermost. One that was taken before anybody looked is not known, and left alone.
  void leave(std::uint64_t task) {
    auto& exceptions = tasks_[task];
    if (!exceptions.empty()) exceptions.pop_back();
  }
  // It is in user space, or has ended: it is in no exception.
  void clear(std::uint64_t task) { tasks_.erase(task); }
  void clear() { tasks_.clear(); }

  bool in_interrupt(std::uint64_t task) const {
    const auto found = tasks_.find(task);
    if (found == tasks_.end()) return false;
    for (const bool interrupt : found->second)
      if (interrupt) return true;  // a fault within an interrupt is the interrupt's
    return false;
  }

 private:
  std::unordered_map<std::uint64_t, std::vector<bool>> tasks_;
};

}  // namespace loopgate
