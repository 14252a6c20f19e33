#include "board/remote.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>

#include "base/file.h"
#include "base/scratch_dir.h"
#include "board/ssh_proxy.h"

namespace loopgate {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace process = boost::process;
using Clock = std::chrono::steady_clock;

constexpr const char* greeting = "loopgate: connected";
// Logging in takes longer than connecting: a board at full load calculates keys for seconds.
constexpr std::chrono::seconds login_limit{30};
// A shared connection that breaks ends its commands a little earlier than itself.
constexpr std::chrono::milliseconds breaks_within{2000};
// Options of every call; the user's configuration decides the rest.
std::vector<std::string> common_options(const LabBoard& lab, const fs::path& socket) {
  std::vector<std::string> argv = {"ssh", "-T"};
  if (!lab.ssh_config.empty()) argv.insert(argv.end(), {"-F", lab.ssh_config.string()});
  const auto option = [&](const std::string& text) { argv.insert(argv.end(), {"-o", text}); };
  option("ControlPath=" + socket.string());
  option("BatchMode=yes");
  option("StrictHostKeyChecking=yes");
  option("LogLevel=INFO");
  option("RequestTTY=no");
  option("RemoteCommand=none");
  option("PermitLocalCommand=no");
  option("ClearAllForwardings=yes");
  option("ForwardAgent=no");
  return argv;
}

// Any login shell will do on the board: it only has to start sh.
std::string for_login_shell(const std::string& script) { return quoted({"sh", "-c", script}); }

bool readable_within(int fd, std::chrono::milliseconds limit) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

}  // namespace

// The connection itself: the ssh process that all commands share, and the private folder of its socket.
struct Remote::Master {
  ~Master() {
    if (child.valid()) {
      end_child(child.id());
      child.detach();
    }
    if (ended_fd >= 0) ::close(ended_fd);
  }
  const fs::path& folder() const { return scratch.path(); }
  fs::path socket() const { return folder() / "s"; }
  std::string said() const { return read_file(folder() / "stderr").value_or(""); }
  bool ended_within(std::chrono::milliseconds limit) {
    std::error_code ignored;
    if (ended_fd >= 0) return readable_within(ended_fd, limit);
    return !child.running(ignored);
  }

  enum class Login { done, refused, pending };
  Status start(const LabBoard& lab, const RemoteLimits& limits);
  Login await_greeting(std::chrono::seconds limit);

  ScratchDir scratch{fs::path()};
  asio::io_context context;
  process::async_pipe output{context};
  process::opstream input;  // closing it closes the connection
  process::child child;
  int ended_fd = -1;
};

Status Remote::Master::start(const LabBoard& lab, const RemoteLimits& limits) {
  const std::string ssh = find_program("ssh");
  if (ssh.empty())
    return fail(ErrorKind::infrastructure, "ssh is not installed", "run ci/setup, or see loopgate doctor");
  // Short, since a socket's path has 107 characters at most and ssh adds 17 while it creates it.
  constexpr const char* parent = "/tmp";
  constexpr const char* kind = "ssh";
  remove_abandoned(parent, kind);
  TRY(made, ScratchDir::create(parent, kind));
  scratch = std::move(made);
  const std::vector<std::string> argv = connection_command(lab, limits, socket());
  std::error_code failed;
  child = process::child(
      process::exe = ssh, process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::std_in<input, process::std_out> output, process::std_err > (folder() / "stderr").string(),
      process::extend::on_exec_setup =
          [harness = ::getpid()](auto&) {
            ::setpgid(0, 0);  // an interrupt at the terminal is for the harness, which returns the board
            end_with(harness);
          },
      failed);
  if (failed)
    return fail(ErrorKind::infrastructure, fmt::format("{}: cannot be started: {}", ssh, failed.message()));
  ended_fd = static_cast<int>(::syscall(SYS_pidfd_open, child.id(), 0));
  return {};
}

Remote::Master::Login Remote::Master::await_greeting(std::chrono::seconds limit) {
  std::string heard;
  bool closed = false;
  asio::async_read_until(output, asio::dynamic_buffer(heard, 4096), std::string(greeting) + "\n",
                         [&](const boost::system::error_code& error, std::size_t) { closed = bool(error); });
  context.run_for(limit);
  if (closed) return Login::refused;
  return heard.find(greeting) == std::string::npos ? Login::pending : Login::done;
}

Remote::Remote(std::unique_ptr<Master> master) : master_(std::move(master)) {}
Remote::~Remote() = default;

std::vector<std::string> Remote::connection_command(const LabBoard& lab, const RemoteLimits& limits,
                                                    const fs::path& socket) {
  std::vector<std::string> argv = common_options(lab, socket);
  if (!lab.ssh_proxy.empty())
    argv.insert(argv.end(),
                {"-o", "ProxyCommand=" + proxy_command({lab.ssh_proxy, lab.ssh_config}, limits.connect)});
  argv.insert(argv.end(), {"-o", "ControlMaster=yes", "-o", "ControlPersist=no", "-o",
                           fmt::format("ConnectTimeout={}", limits.connect.count()), "-o",
                           fmt::format("ServerAliveInterval={}", limits.alive_every.count()), "-o",
                           fmt::format("ServerAliveCountMax={}", limits.alive_count), "--", lab.ssh,
                           for_login_shell(fmt::format("echo '{}'; exec cat", greeting))});
  return argv;
}

Result<std::unique_ptr<Remote>> Remote::connect(const LabBoard& lab, const RemoteLimits& limits,
                                                SshTrouble* trouble) {
  auto master = std::make_unique<Master>();
  if (auto started = master->start(lab, limits); !started) return tl::unexpected(started.error());
  const std::chrono::seconds limit = limits.connect + login_limit;
  switch (master->await_greeting(limit)) {
    case Master::Login::done: {
      std::unique_ptr<Remote> remote(new Remote(std::move(master)));
      remote->lab_ = lab;
      return remote;
    }
    case Master::Login::pending:
      return fail(ErrorKind::infrastructure,
                  fmt::format("{}: accepts connections, but no login within {} s", lab.ssh, limit.count()),
                  "check whether it is booting or hangs");
    case Master::Login::refused:
      break;
  }
  master->ended_within(breaks_within);
  if (trouble != nullptr) *trouble = trouble_in(master->said());
  return tl::unexpected(explain_ssh(master->said(), lab.ssh));
}

fs::path Remote::scratch_folder() const { return master_->folder(); }

bool Remote::connected() const { return !master_->ended_within(std::chrono::milliseconds(0)); }

std::vector<std::string> Remote::command_line(const std::string& script) const {
  std::vector<std::string> argv = common_options(lab_, master_->socket());
  // Never opens a connection of its own: that one might reach another boot.
  argv.insert(argv.end(), {"-o", "ControlMaster=no", "-o", "ProxyCommand=false", "--", lab_.ssh,
                           for_login_shell(script)});
  return argv;
}

Error Remote::lost(const std::string& said) const {
  std::string word = last_printable_line(master_->said());
  if (word.empty()) word = last_printable_line(said);
  return {ErrorKind::infrastructure,
          fmt::format("{}: the connection was lost{}", lab_.ssh, word.empty() ? "" : ": " + word),
          "check the board and the network"};
}

Result<ProcessResult> Remote::run(const RemoteCommand& command) {
  if (!connected()) return tl::unexpected(lost(""));
  Program program;
  program.argv = command_line(command.script);
  program.limit = command.limit;
  program.input_file = command.input;
  program.output_file = command.output;
  program.on_output = command.on_output;
  program.errors_max = 64U << 10U;
  program.on_pause = command.on_pause;
  program.pause = command.pause;
  const auto end = Clock::now() + command.limit;
  auto finished = run_program(program);
  if (!finished && Clock::now() >= end)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: a command took longer than {} s", lab_.ssh, command.limit.count()));
  if (!finished || finished->stopped || finished->exit_status != 255) return finished;
  // A program on the board may exit with 255 as well.
  if (trouble_in(finished->errors) == SshTrouble::lost || master_->ended_within(breaks_within))
    return tl::unexpected(lost(finished->errors));
  return finished;
}

Result<std::string> Remote::run_script(const std::string& script, std::chrono::seconds limit) {
  RemoteCommand command;
  command.script = script;
  command.limit = limit;
  auto finished = run(command);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->exit_status == 0) return finished->output;
  const std::string word = last_printable_line(finished->errors);
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: {}", lab_.ssh,
                          word.empty() ? fmt::format("a command exited with status {}", finished->exit_status)
                                       : word));
}

}  // namespace loopgate
