#include "board/remote.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/digest.h"
#include "base/file.h"

namespace loopgate {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
namespace process = boost::process;
using Clock = std::chrono::steady_clock;

constexpr const char* greeting = "loopgate: connected";
// Being let in takes longer than being answered: a board at full load calculates keys for seconds.
constexpr std::chrono::seconds let_in_limit{30};
// A shared connection that breaks ends its commands a little earlier than itself.
constexpr std::chrono::milliseconds breaks_within{2000};
// 37 MB of a kernel over a line of 1 Mbit/s.
constexpr std::chrono::seconds copy_limit{600};

// Options of every call. The user's configuration counts for the rest.
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

// The board's login shell may be any: it only has to start sh.
std::string for_login_shell(const std::string& script) { return quoted({"sh", "-c", script}); }

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

// Keeps what comes on standard input as a whole file, or nothing.
std::string keep_script(const std::string& path, const std::string& mode, const std::string& digest) {
  const std::string part = quoted({path + ".part"});
  return fmt::format(
      "export LC_ALL=C\n"
      "mkdir -p {0} && cat > {1} || {{ rm -f {1}; exit 1; }}\n"
      "seen=$(sha256sum < {1}) || exit 1\n"
      "[ \"${{seen%% *}}\" = {2} ] || {{ rm -f {1}; echo 'what arrived is not what was sent' >&2; exit 1; "
      "}}\n"
      "chmod {3} {1} && mv -f {1} {4}\n",
      quoted({folder_of(path)}), part, digest, mode, quoted({path}));
}

bool readable_within(int fd, std::chrono::milliseconds limit) {
  pollfd watched{fd, POLLIN, 0};
  return ::poll(&watched, 1, static_cast<int>(limit.count())) == 1;
}

}  // namespace

// The connection itself: an ssh that the others share, and the private folder of its socket.
struct Remote::Master {
  ~Master() {
    std::error_code ignored;
    if (child.valid()) {
      child.terminate(ignored);
      child.wait(ignored);
    }
    if (!folder.empty()) fs::remove_all(folder, ignored);
    if (ended_fd >= 0) ::close(ended_fd);
  }
  fs::path socket() const { return folder / "s"; }
  std::string said() const { return read_file(folder / "stderr").value_or(""); }
  bool ended_within(std::chrono::milliseconds limit) {
    std::error_code ignored;
    if (ended_fd >= 0) return readable_within(ended_fd, limit);
    return !child.running(ignored);
  }

  fs::path folder;
  asio::io_context context;
  process::async_pipe output{context};
  process::opstream input;  // open as long as the connection is wanted
  process::child child;
  int ended_fd = -1;
};

Remote::Remote(std::unique_ptr<Master> master) : master_(std::move(master)) {}
Remote::~Remote() = default;

std::vector<std::string> Remote::connection_command(const LabBoard& lab, const RemoteLimits& limits,
                                                    const fs::path& socket) {
  std::vector<std::string> argv = common_options(lab, socket);
  argv.insert(argv.end(), {"-o", "ControlMaster=yes", "-o", "ControlPersist=no", "-o",
                           fmt::format("ConnectTimeout={}", limits.connect.count()), "-o",
                           fmt::format("ServerAliveInterval={}", limits.alive_every.count()), "-o",
                           fmt::format("ServerAliveCountMax={}", limits.alive_count), "--", lab.ssh,
                           for_login_shell(fmt::format("echo '{}'; exec cat", greeting))});
  return argv;
}

Result<std::unique_ptr<Remote>> Remote::connect(const LabBoard& lab, const RemoteLimits& limits,
                                                SshTrouble* trouble) {
  const std::string ssh = find_program("ssh");
  if (ssh.empty())
    return fail(ErrorKind::infrastructure, "ssh is not installed", "run ci/setup, or see loopgate doctor");
  auto master = std::make_unique<Master>();
  // Short, since a socket's path has 107 characters at most and ssh adds 17 while it makes it.
  std::array<char, 32> name{"/tmp/loopgate-ssh-XXXXXX"};
  if (::mkdtemp(name.data()) == nullptr)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be made: {}", name.data(), std::strerror(errno)));
  master->folder = name.data();
  const std::vector<std::string> argv = connection_command(lab, limits, master->socket());
  std::error_code failed;
  master->child = process::child(
      process::exe = ssh, process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::std_in<master->input, process::std_out> master->output,
      process::std_err > (master->folder / "stderr").string(),
      process::extend::on_exec_setup =
          [](auto&) {
            ::setpgid(0, 0);  // an interrupt at the terminal is the harness's, which takes the board back
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
          },
      failed);
  if (failed)
    return fail(ErrorKind::infrastructure, fmt::format("{}: cannot be started: {}", ssh, failed.message()));
  master->ended_fd = static_cast<int>(::syscall(SYS_pidfd_open, master->child.id(), 0));

  std::string heard;
  bool closed = false;
  asio::async_read_until(master->output, asio::dynamic_buffer(heard, 4096), std::string(greeting) + "\n",
                         [&](const boost::system::error_code& error, std::size_t) { closed = bool(error); });
  master->context.run_for(limits.connect + let_in_limit);
  if (!closed && heard.find(greeting) != std::string::npos) {
    std::unique_ptr<Remote> remote(new Remote(std::move(master)));
    remote->lab_ = lab;
    return remote;
  }
  if (!closed)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: it answers, and lets nobody in within {} s", lab.ssh,
                            (limits.connect + let_in_limit).count()),
                "does it boot, or hang?");
  master->ended_within(breaks_within);
  if (trouble != nullptr) *trouble = trouble_in(master->said());
  return tl::unexpected(explain_ssh(master->said(), lab.ssh));
}

bool Remote::connected() const { return !master_->ended_within(std::chrono::milliseconds(0)); }

std::vector<std::string> Remote::command_line(const std::string& script) const {
  std::vector<std::string> argv = common_options(lab_, master_->socket());
  // Without the shared connection there is none: never another one, which may be to another boot.
  argv.insert(argv.end(), {"-o", "ControlMaster=no", "-o", "ProxyCommand=false", "--", lab_.ssh,
                           for_login_shell(script)});
  return argv;
}

Error Remote::lost(const std::string& said) const {
  std::string word = last_word(master_->said());
  if (word.empty()) word = last_word(said);
  return {ErrorKind::infrastructure,
          fmt::format("{}: the connection was lost{}", lab_.ssh, word.empty() ? "" : ": " + word),
          "is the board up, and is the network?"};
}

Result<Finished> Remote::run(const RemoteCommand& command) {
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
                fmt::format("{}: a command did not end within {} s", lab_.ssh, command.limit.count()));
  if (!finished || finished->stopped || finished->exit_status != 255) return finished;
  // A program on the board may end with 255, too.
  if (trouble_in(finished->errors) == SshTrouble::lost || master_->ended_within(breaks_within))
    return tl::unexpected(lost(finished->errors));
  return finished;
}

Result<std::string> Remote::ask(const std::string& script, std::chrono::seconds limit) {
  RemoteCommand command;
  command.script = script;
  command.limit = limit;
  auto finished = run(command);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->exit_status == 0) return finished->output;
  const std::string word = last_word(finished->errors);
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: {}", lab_.ssh,
                          word.empty() ? fmt::format("a command ended with status {}", finished->exit_status)
                                       : word));
}

namespace {

Error not_kept(const std::string& host, const std::string& path, const Finished& finished) {
  if (finished.errors.find("No space left on device") != std::string::npos)
    return {ErrorKind::infrastructure, fmt::format("{}: no room for {}", host, path),
            "make room on the board: nothing of an earlier run is needed there"};
  return {ErrorKind::infrastructure,
          fmt::format("{}: {} cannot be written: {}", host, path, last_word(finished.errors)), ""};
}

}  // namespace

Status Remote::copy_in(const fs::path& file, const std::string& path, const std::string& mode) {
  auto digest = sha256_of_file(file);
  if (!digest) return tl::unexpected(digest.error());
  RemoteCommand command;
  command.script = keep_script(path, mode, *digest);
  command.limit = copy_limit;
  command.input = file;
  auto finished = run(command);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->exit_status != 0) return tl::unexpected(not_kept(lab_.ssh, path, *finished));
  return {};
}

Status Remote::write(std::string_view text, const std::string& path, const std::string& mode) {
  const fs::path file = master_->folder / "text";
  if (auto written = write_file_atomically(file, text); !written) return written;
  return copy_in(file, path, mode);
}

Result<std::uintmax_t> Remote::free_bytes(const std::string& folder) {
  // The last line's fourth word, in KiB (POSIX: df -P).
  auto df = ask("df -Pk " + quoted({folder}) +
                " | tail -n 1 | { read -r system size used free rest; echo \"$free\"; }");
  if (!df) return tl::unexpected(df.error());
  std::uintmax_t kib = 0;
  const auto [end, error] = std::from_chars(df->data(), df->data() + df->size(), kib);
  if (error != std::errc() || *end != '\n' || kib > UINTMAX_MAX / 1024)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: df does not say what is free in {}", lab_.ssh, folder));
  return kib * 1024;
}

Result<std::string> Remote::copy_out(const std::string& path, const fs::path& file) {
  const std::string name = quoted({path});
  fs::path part = file;
  part += ".part";
  RemoteCommand command;
  command.script = fmt::format("export LC_ALL=C\ncat {0} && sha256sum < {0} >&2\n", name);
  command.limit = copy_limit;
  command.output = part;
  auto finished = run(command);
  auto digest = finished ? sha256_of_file(part) : Result<std::string>(tl::unexpected(finished.error()));
  std::error_code error;
  if (digest && finished->exit_status == 0 && finished->errors.starts_with(*digest)) {
    fs::rename(part, file, error);
    if (!error) return *digest;
    return fail(ErrorKind::infrastructure, fmt::format("{}: {}", file.string(), error.message()));
  }
  fs::remove(part, error);
  if (!digest) return tl::unexpected(digest.error());
  if (finished->exit_status != 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: {} cannot be read: {}", lab_.ssh, path, last_word(finished->errors)));
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: what arrived of {} is not what the board sent", lab_.ssh, path),
              "is something writing to it?");
}

}  // namespace loopgate
