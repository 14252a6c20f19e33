// All that the agent ever waits for, in one poll(2): an ended child, the payload's READY=1, what the
// instrument prints, and the word to stop.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/agent/descriptor.h"

namespace loopgate {

class Events {
 public:
  // Blocks SIGCHLD, SIGTERM and SIGINT from here on. `stop_fd` becomes readable when the bench says stop; -1:
  // only SIGTERM and SIGINT say so.
  static Result<Events> open(int stop_fd);

  struct Seen {
    bool child_ended = false;  // some child; reap() tells which
    bool ready = false;        // READY=1 came
    bool output = false;       // of the descriptor that is watched
    bool stop = false;
  };

  // A descriptor whose input is waited for too, until `fd` is -1 again.
  void watch_output(int fd) { output_fd_ = fd; }

  // Returns at the first event, or after `at_most` with nothing seen. Once `stop` was seen it is not waited
  // for again.
  Seen wait(std::chrono::nanoseconds at_most);
  Seen wait_forever();

  // For the payload's environment: NOTIFY_SOCKET=..., as sd_notify(3) wants it.
  const std::string& notify_variable() const { return notify_variable_; }

 private:
  Events() = default;
  Seen wait_until(const timespec* at_most);
  void read_signals(Seen* seen);
  bool read_notes();

  int stop_fd_ = -1;
  int output_fd_ = -1;
  bool stopped_ = false;
  Descriptor signals_;
  Descriptor notes_;
  std::string notify_variable_;
};

}  // namespace loopgate
