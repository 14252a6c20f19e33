// The connection to a board across restarts: connects, identifies the running kernel, and waits for the next
// boot.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "board/remote.h"
#include "board/running_kernel.h"
#include "config/lab.h"

namespace loopgate {

// How the wait for a boot ended.
enum class BootWait {
  answered,       // as it should
  refused,        // in a way that retrying cannot fix: the host key changed, the login key was rejected
  previous_boot,  // the board was asked to restart, and still runs what ran before
  no_answer,
};

// The error of a board that was asked to restart and did not.
Error still_on_previous_boot(const std::string& board, std::string next_step = {});

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
  BootWait last_wait() const { return last_wait_; }
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
  BootWait last_wait_ = BootWait::no_answer;
};

}  // namespace loopgate
