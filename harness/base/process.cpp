#include "base/process.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>

namespace loopgate {
namespace {

namespace asio = boost::asio;
namespace process = boost::process;

// Reads a pipe to its end, giving each whole line to `on_line`.
void read_lines(process::async_pipe* pipe, asio::streambuf* buffer, std::string* all,
                const std::function<void(const std::string&)>& on_line) {
  asio::async_read_until(
      *pipe, *buffer, '\n', [=, &on_line](const boost::system::error_code& error, std::size_t) {
        std::string line(asio::buffers_begin(buffer->data()), asio::buffers_end(buffer->data()));
        const std::size_t end = line.find('\n');
        if (!error || end != std::string::npos) {
          line.resize(end + 1);
          buffer->consume(line.size());
          *all += line;
          line.pop_back();
          if (on_line) on_line(line);
          read_lines(pipe, buffer, all, on_line);
          return;
        }
        *all += line;  // the last line has no end
        if (on_line && !line.empty()) on_line(line);
      });
}

// Both streams may be closed long before the program ends. A process file descriptor becomes readable at its
// end.
bool wait_until(pid_t pid, std::chrono::steady_clock::time_point deadline) {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, pid, 0));
  if (fd < 0) return false;
  const auto left =
      std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd watched{fd, POLLIN, 0};
  const int ready = ::poll(&watched, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
  ::close(fd);
  return ready == 1;
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return name;
  return process::search_path(name).string();
}

Result<Finished> run_program(const std::vector<std::string>& argv, std::chrono::seconds limit,
                             const std::function<void(const std::string&)>& on_error_line) {
  const std::string program = argv.empty() ? "" : find_program(argv[0]);
  if (program.empty())
    return fail(ErrorKind::infrastructure,
                fmt::format("the program {} is not installed", argv.empty() ? "" : argv[0]),
                "run ci/setup, or see loopgate doctor");
  asio::io_context context;
  process::async_pipe output(context);
  process::async_pipe errors(context);
  process::group group;
  std::error_code started;
  process::child child(
      process::exe = program, process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::std_in<process::null, process::std_out> output, process::std_err > errors, group,
      process::extend::on_exec_setup = [](auto&) { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }, started);
  if (started)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be started: {}", program, started.message()));
  Finished finished;
  asio::streambuf output_buffer;
  asio::streambuf error_buffer;
  const std::function<void(const std::string&)> nobody;
  read_lines(&output, &output_buffer, &finished.output, nobody);
  read_lines(&errors, &error_buffer, &finished.errors, on_error_line);
  const auto deadline = std::chrono::steady_clock::now() + limit;
  context.run_until(deadline);
  const bool ended = context.stopped() && wait_until(child.id(), deadline);
  if (!ended) {
    std::error_code ignored;
    group.terminate(ignored);
    child.wait(ignored);
    return fail(ErrorKind::infrastructure,
                fmt::format("{} did not end within {} s and was stopped", quoted(argv), limit.count()));
  }
  std::error_code ignored;
  child.wait(ignored);
  const int status = child.native_exit_code();
  if (WIFSIGNALED(status))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} was killed by signal {}", quoted(argv), WTERMSIG(status)));
  finished.exit_status = WEXITSTATUS(status);
  return finished;
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
