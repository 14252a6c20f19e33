// The line to a board that restarts now and then: connects, says which kernel runs, and waits for another
// boot.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>

#include "board/remote.h"
#include "board/running_kernel.h"
#include "config/lab.h"

namespace loopgate {

// A part of the error of a board that was told to restart and did not.
inline constexpr const char* still_before = "is still on the boot before";

class BoardLink {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BoardLink(LabBoard lab, const RemoteLimits& limits = {}) : lab_(std::move(lab)), limits_(limits) {}

  // Connects unless it is connected, and asks which kernel runs.
  Result<RunningKernel> look();

  // Until a boot answers that is not `before` (empty: any), however often that takes; `give_up` is asked
  // between two tries. Fails at once where trying again is of no use: a changed host key, a key that is not
  // let in.
  Result<RunningKernel> await_boot(const std::string& before, Clock::time_point deadline,
                                   const std::function<bool()>& give_up = {});

  // Whether the last try failed in a way that no waiting mends.
  bool refused() const;
  bool connected() const { return remote_ && remote_->connected(); }
  void close() { remote_.reset(); }

  // While connected; null else.
  Remote* remote() { return remote_.get(); }
  const LabBoard& lab() const { return lab_; }
  const RemoteLimits& limits() const { return limits_; }

 private:
  LabBoard lab_;
  RemoteLimits limits_;
  std::unique_ptr<Remote> remote_;
  SshTrouble trouble_ = SshTrouble::other;  // of the last try
};

}  // namespace loopgate
