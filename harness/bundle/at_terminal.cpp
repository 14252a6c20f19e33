#include "bundle/at_terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/process.h"

namespace loopgate {
namespace {

// A program that is killed while it asks for a passphrase leaves a terminal that shows nothing.
class Echo {
 public:
  Echo() : saved_(tcgetattr(STDIN_FILENO, &state_) == 0) {}
  void restore() const {
    if (saved_) tcsetattr(STDIN_FILENO, TCSANOW, &state_);
  }

 private:
  termios state_{};
  bool saved_;
};

// In the child, between fork and exec: nothing here may allocate.
[[noreturn]] void become(const char* program, char* const* argv, const char* input, const char* output,
                         pid_t parent) {
  end_with(parent);
  const int in = input == nullptr ? STDIN_FILENO : open(input, O_RDONLY);
  const int out = output == nullptr ? STDERR_FILENO : open(output, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (in < 0 || out < 0 || dup2(in, STDIN_FILENO) < 0 || dup2(out, STDOUT_FILENO) < 0) _exit(127);
  execv(program, argv);
  _exit(127);
}

// Whether it ended in time.
bool ends_within(pid_t child, std::chrono::milliseconds limit) {
  const int fd = static_cast<int>(syscall(SYS_pidfd_open, child, 0));
  if (fd < 0) return false;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  pollfd watched{fd, POLLIN, 0};
  int ready = -1;
  do {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    ready = poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  } while (ready < 0 && errno == EINTR);
  close(fd);
  return ready == 1;
}

}  // namespace

Result<int> run_at_terminal(const TerminalProgram& wanted) {
  const std::string program = find_program(wanted.argv.at(0));
  if (program.empty())
    return fail(ErrorKind::infrastructure, fmt::format("the program {} is not installed", wanted.argv[0]));
  std::vector<std::string> words = wanted.argv;
  std::vector<char*> argv;
  argv.reserve(words.size() + 1);
  for (std::string& word : words) argv.push_back(word.data());
  argv.push_back(nullptr);
  const char* const input = wanted.input_file.empty() ? nullptr : wanted.input_file.c_str();
  const char* const output = wanted.output_file.empty() ? nullptr : wanted.output_file.c_str();
  const Echo echo;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be started: {}", program, std::strerror(errno)));
  if (child == 0) become(program.c_str(), argv.data(), input, output, parent);
  const bool ended = ends_within(child, wanted.limit);
  if (!ended) kill(child, SIGKILL);
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) {
    echo.restore();
    return fail(ErrorKind::infrastructure, fmt::format("{} did not end within {} s and was stopped",
                                                       wanted.argv[0], wanted.limit.count()));
  }
  if (!WIFEXITED(status))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} was killed by signal {}", wanted.argv[0], WTERMSIG(status)));
  return WEXITSTATUS(status);
}

}  // namespace loopgate
