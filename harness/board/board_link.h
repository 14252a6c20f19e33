// The connection to a board across restarts: connects, identifies the running kernel, and waits for the next
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

// A part of the error of a board that was asked to restart and did not.
inline constexpr const char* still_before = "it is still on the previous boot";

class BoardLink {
 public:
  using Clock = std::chrono::steady_clock;

  explicit BoardLink(LabBoard lab, const RemoteLimits& limits = {}) : lab_(std::move(lab)), limits_(limits) {}

  // Connects unless connected, and reads which kernel runs.
  Result<RunningKernel> identify();

  // Tries until a boot other than `before` (empty: any boot) answers; `give_up` is called between two tries.
  // Fails at once where retrying cannot help: a changed host key, a rejected login key.
  Result<RunningKernel> await_boot(const std::string& before, Clock::time_point deadline,
                                   const std::function<bool()>& give_up = {});

  // Whether the last try failed in a way that retrying cannot fix.
  bool refused() const;
  bool connected() const { return remote_ && remote_->connected(); }
  void close() { remote_.reset(); }

  // Null unless connected.
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
