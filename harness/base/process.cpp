#include "base/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <cstring>

namespace loopgate {
namespace {

namespace asio = boost::asio;
namespace process = boost::process;
using Clock = std::chrono::steady_clock;

// Reads a pipe to its end, giving what comes to `take`.
class Reader {
 public:
  Reader(asio::io_context* context, std::function<void(std::string_view)> take)
      : pipe(*context), take_(std::move(take)) {}
  void read() {
    pipe.async_read_some(asio::buffer(chunk_), [this](const boost::system::error_code& error, std::size_t n) {
      if (n > 0) take_({chunk_.data(), n});
      if (!error) read();
    });
  }
  process::async_pipe pipe;

 private:
  std::function<void(std::string_view)> take_;
  std::array<char, 1 << 16> chunk_{};
};

// Cuts what comes into lines.
class Lines {
 public:
  explicit Lines(std::function<void(const std::string&)> on_line) : on_line_(std::move(on_line)) {}
  void take(std::string_view text) {
    if (!on_line_) return;
    for (const char c : text) {
      if (c == '\n') {
        on_line_(line_);
        line_.clear();
      } else {
        line_ += c;
      }
    }
  }
  void end() {
    if (on_line_ && !line_.empty()) on_line_(line_);  // the last line has no end
  }

 private:
  std::function<void(const std::string&)> on_line_;
  std::string line_;
};

// What a program starts with as its descriptor 0 or 1; -1: nothing of ours.
class Opened {
 public:
  Opened() = default;
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;
  ~Opened() {
    if (fd >= 0) ::close(fd);
  }
  Status open(const std::filesystem::path& path, int flags) {
    if (path.empty()) return {};
    fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
    return fd >= 0 ? Status() : cannot(path.string());
  }
  // In memory, so that nobody has to feed it while the program's output is read.
  Status hold(const std::string& text) {
    if (text.empty()) return {};
    fd = ::memfd_create("input", MFD_CLOEXEC);
    std::size_t at = 0;
    while (fd >= 0 && at < text.size()) {
      const ssize_t written = ::write(fd, text.data() + at, text.size() - at);
      if (written <= 0) return cannot("a program's input");
      at += static_cast<std::size_t>(written);
    }
    return fd >= 0 && ::lseek(fd, 0, SEEK_SET) == 0 ? Status() : cannot("a program's input");
  }
  int fd = -1;

 private:
  static Status cannot(const std::string& what) {
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be opened: {}", what, std::strerror(errno)));
  }
};

// Both streams may be closed long before the program ends. A process file descriptor becomes readable at its
// end.
bool wait_until(pid_t pid, Clock::time_point deadline) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return false;
  pollfd watched{fd, POLLIN, 0};
  int ready = -1;
  do {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  } while (ready < 0 && errno == EINTR);  // a signal of ours says nothing of the program
  ::close(fd);
  return ready == 1;
}

}  // namespace

void end_with(pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // nobody is left to be told of
}

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  return process::search_path(name).string();
}

Result<ProcessResult> run_program(const Program& wanted) {
  const std::vector<std::string>& argv = wanted.argv;
  const std::string program = argv.empty() ? "" : find_program(argv[0]);
  if (program.empty())
    return fail(ErrorKind::infrastructure,
                fmt::format("the program {} is not installed", argv.empty() ? "" : argv[0]),
                "run ci/setup, or see loopgate doctor");
  Opened input;
  Opened output_file;
  Status opened =
      input.hold(wanted.input)
          .and_then([&] { return input.open(wanted.input_file, O_RDONLY); })
          .and_then([&] { return output_file.open(wanted.output_file, O_WRONLY | O_CREAT | O_TRUNC); });
  if (!opened) return tl::unexpected(opened.error());

  ProcessResult finished;
  asio::io_context context;
  Lines error_lines(wanted.on_error_line);
  Reader output(&context, [&](std::string_view text) {
    if (wanted.on_output) {
      wanted.on_output(text);
    } else {
      finished.output += text;
    }
  });
  Reader errors(&context, [&](std::string_view text) {
    finished.errors += text;
    if (finished.errors.size() > wanted.errors_max)
      finished.errors.erase(0, finished.errors.size() - wanted.errors_max);
    error_lines.take(text);
  });
  process::group group;
  std::error_code started;
  process::child child(
      process::exe = program, process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::std_in<process::null, process::std_out> output.pipe, process::std_err > errors.pipe, group,
      process::extend::on_exec_setup =
          [parent = ::getpid(), in = input.fd, out = output_file.fd](auto&) {
            end_with(parent);
            if (in >= 0) ::dup2(in, STDIN_FILENO);
            if (out >= 0) ::dup2(out, STDOUT_FILENO);
          },
      started);
  if (started)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be started: {}", program, started.message()));
  output.read();
  errors.read();
  const auto deadline = Clock::now() + wanted.limit;
  while (!finished.stopped && !context.stopped() && Clock::now() < deadline) {
    const auto turn = wanted.on_pause ? std::min(deadline, Clock::now() + wanted.pause) : deadline;
    context.run_until(turn);
    if (!context.stopped() && wanted.on_pause) finished.stopped = !wanted.on_pause();
  }
  const bool ended = context.stopped() && wait_until(child.id(), deadline);
  std::error_code ignored;
  if (!ended) group.terminate(ignored);
  child.wait(ignored);
  error_lines.end();
  if (finished.stopped) return finished;
  if (!ended)
    return fail(ErrorKind::infrastructure,
                fmt::format("{} did not end within {} s and was stopped", quoted(argv),
                            std::chrono::ceil<std::chrono::seconds>(wanted.limit).count()));
  const int status = child.native_exit_code();
  if (WIFSIGNALED(status))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} was killed by signal {}", quoted(argv), WTERMSIG(status)));
  finished.exit_status = WEXITSTATUS(status);
  return finished;
}

Result<ProcessResult> run_program(const std::vector<std::string>& argv, std::chrono::seconds limit,
                                  const std::function<void(const std::string&)>& on_error_line) {
  Program program;
  program.argv = argv;
  program.limit = limit;
  program.on_error_line = on_error_line;
  return run_program(program);
}

void end_child(pid_t child) {
  constexpr std::chrono::seconds limit{10};
  if (child <= 0 || ::kill(child, SIGKILL) != 0) return;
  (void)wait_until(child, Clock::now() + limit);
  ::waitpid(child, nullptr, WNOHANG);
}

std::string quoted(const std::vector<std::string>& argv) {
  std::string line;
  for (const std::string& word : argv) {
    if (!line.empty()) line += ' ';
    constexpr const char* plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
    if (!word.empty() && word.find_first_not_of(plain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

}  // namespace loopgate
