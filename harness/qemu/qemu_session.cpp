#include "qemu/qemu_session.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <boost/process.hpp>
#include <boost/process/extend.hpp>

#include "base/file.h"
#include "base/process.h"

namespace loopgate {
namespace {

namespace asio = boost::asio;
namespace process = boost::process;
using nlohmann::json;

constexpr std::chrono::seconds answer_limit{30};
constexpr std::size_t error_text_max = 2000;

std::string last_part(const std::filesystem::path& path) {
  std::string text = read_file(path).value_or("");
  if (text.size() > error_text_max) text.erase(0, text.size() - error_text_max);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

Result<std::unique_ptr<QemuSession>> QemuSession::start(const std::vector<std::string>& argv,
                                                        const std::filesystem::path& errors,
                                                        Instrument* instrument) {
  const std::string program = find_program(argv[0]);
  if (program.empty())
    return fail(ErrorKind::infrastructure, fmt::format("{} is not installed", argv[0]),
                "run ci/setup, or see loopgate doctor");
  std::unique_ptr<QemuSession> session(new QemuSession(errors));
  if (auto listening = instrument->listen(
          &session->context_,
          [raw = session.get()](const InstrumentEvent& event) { raw->happenings_.push_back(event); });
      !listening)
    return tl::unexpected(listening.error());
  std::error_code failed;
  session->child_ = process::child(
      process::exe = program, process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::std_in<process::null, process::std_out> process::null, process::std_err > errors.string(),
      // QEMU must not outlive the harness, however that ends.
      process::extend::on_exec_setup = [](auto&) { ::prctl(PR_SET_PDEATHSIG, SIGKILL); }, failed);
  if (failed)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be started: {}", program, failed.message()));
  session->watch_exit();
  return session;
}

QemuSession::~QemuSession() {
  if (ended_ || !child_.valid()) return;
  std::error_code ignored;
  child_.terminate(ignored);
  child_.wait(ignored);
}

// A process file descriptor becomes readable when the process ends: nothing polls, and no SIGCHLD handler is
// shared between threads.
void QemuSession::watch_exit() {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, child_.id(), 0));
  if (fd < 0) return;  // Linux before 5.3; the time limits still hold
  exit_.assign(fd);
  exit_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) on_exit();
  });
}

void QemuSession::on_exit() {
  std::error_code ignored;
  child_.wait(ignored);
  ended_ = true;
  const int status = child_.native_exit_code();
  QemuEnded end;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  end.errors = last_part(errors_);
  happenings_.push_back(end);
}

bool QemuSession::run_until(Clock::time_point deadline, const std::function<bool()>& done) {
  while (!done()) {
    if (Clock::now() >= deadline) return false;
    context_.restart();
    context_.run_one_until(deadline);
  }
  return true;
}

std::optional<SessionEvent> QemuSession::next(Clock::time_point deadline) {
  if (!run_until(deadline, [this] { return !happenings_.empty(); })) return std::nullopt;
  SessionEvent first = std::move(happenings_.front());
  happenings_.pop_front();
  return first;
}

Status QemuSession::connect(const std::filesystem::path& monitor) {
  boost::system::error_code error;
  monitor_.connect(asio::local::stream_protocol::endpoint(monitor.string()), error);
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: QEMU does not answer there: {}", monitor.string(), error.message()));
  read_monitor();
  return command("qmp_capabilities");
}

void QemuSession::read_monitor() {
  asio::async_read_until(
      monitor_, monitor_buffer_, '\n', [this](const boost::system::error_code& error, std::size_t n) {
        if (error) return;  // QEMU ended: watch_exit() says so
        const auto begin = asio::buffers_begin(monitor_buffer_.data());
        const std::string line(begin, begin + static_cast<std::ptrdiff_t>(n));
        monitor_buffer_.consume(n);
        const json message = json::parse(line, nullptr, false);
        if (message.is_object() && message.contains("event") && message["event"].is_string()) {
          happenings_.push_back(
              QmpEvent{message["event"].get<std::string>(), message.value("data", json::object())});
        } else if (message.is_object() && (message.contains("return") || message.contains("error"))) {
          answer_ = message;
        }
        read_monitor();
      });
}

Status QemuSession::command(const char* name, json arguments) {
  const std::string line = json{{"execute", name}, {"arguments", std::move(arguments)}}.dump() + "\n";
  answer_.reset();
  boost::system::error_code error;
  asio::write(monitor_, asio::buffer(line), error);
  if (error)
    return fail(ErrorKind::infrastructure, fmt::format("QEMU took no command {}: {}", name, error.message()));
  if (!run_until(Clock::now() + answer_limit, [this] { return answer_.has_value() || ended_; }) || !answer_)
    return fail(ErrorKind::infrastructure, fmt::format("QEMU did not answer the command {}", name));
  if (answer_->contains("error"))
    return fail(ErrorKind::infrastructure,
                fmt::format("QEMU refused {}: {}", name, (*answer_)["error"].dump()));
  return {};
}

}  // namespace loopgate
