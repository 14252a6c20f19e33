// A program that the agent started: it leads a session of its own, and what it prints is kept in memory.
#pragma once

#include <sys/types.h>

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "target/agent/descriptor.h"

namespace loopgate {

// What a report keeps of a program's output and errors: their ends, in bytes.
inline constexpr std::size_t output_tail = 16U << 10U;
inline constexpr std::size_t errors_tail = 4U << 10U;

class Child {
 public:
  // Looks argv[0] up in PATH and starts it with this environment and the given NAME=VALUE words. Fails when
  // it can't be run. `output` takes its standard output instead, where it is given; it stays the caller's.
  static Result<Child> start(const std::string& name, const std::vector<std::string>& argv,
                             const std::vector<std::string>& more_environment = {}, int output = -1);

  const std::string& name() const { return name_; }
  pid_t pid() const { return pid_; }

  bool ended() const { return status_.has_value(); }
  // As protocol/exit_text.h says it.
  std::string exit() const;
  void note_end(int wait_status) { status_ = wait_status; }

  // Each unless it has ended, when its number may soon be another process': under a load that forks, within
  // seconds.
  void signal(int number) const;        // the program alone
  void signal_group(int number) const;  // with all that it started and that did not leave its process group
  void kill_session() const;            // with all that did not leave its session either

  std::string output(std::size_t tail_bytes) const;
  std::string errors(std::size_t tail_bytes) const;
  // The last line that it printed, on standard error if there is one: its own reason, mostly.
  std::string last_words() const;

 private:
  Child() = default;

  std::string name_;
  pid_t pid_ = -1;
  std::optional<int> status_;  // as waitpid(2) gives it
  Descriptor output_;
  Descriptor errors_;
};

// Waits for every child that has ended, known or not (as PID 1 the agent gets all orphans), and notes the
// known ones' ends. What a known one leaves of its group and session is killed before its number is free.
void reap(std::span<Child* const> children);

}  // namespace loopgate
