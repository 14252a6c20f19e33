#include "qemu/qemu_session.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

// clang-format off: Boost 1.74 uses std::exchange without including it, so this one comes first
#include <utility>
// clang-format on

#include <algorithm>
#include <boost/asio.hpp>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <deque>

#include "base/file.h"
#include "base/json.h"
#include "base/process.h"

namespace loopgate {
namespace {

namespace asio = boost::asio;
namespace process = boost::process;
using nlohmann::json;

constexpr std::chrono::seconds answer_limit{30};
constexpr std::size_t error_text_max = 2000;
constexpr std::chrono::milliseconds stop_interval{100};  // between two looks whether to stop

std::string last_part(const std::filesystem::path& path) {
  std::string text = read_file(path).value_or("");
  if (text.size() > error_text_max) text.erase(0, text.size() - error_text_max);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

// The first `size` characters, the newline at their end left out.
std::string take_line(asio::streambuf* buffer, std::size_t size) {
  // An asio::buffers_iterator would point into the sequence that data() returns, which must outlive it.
  std::string line(static_cast<const char*>(buffer->data().data()), size - 1);
  buffer->consume(size);
  return line;
}

}  // namespace

struct QemuSession::Loop {
  Loop(std::filesystem::path error_file, Instrument* telling, const std::atomic<bool>* stop_asked)
      : errors(std::move(error_file)),
        instrument(telling),
        stop(stop_asked),
        events(context),
        monitor(context),
        exit(context) {}
  ~Loop();
  void read_events();
  void read_monitor();
  void watch_exit();
  void on_exit();
  void take(const json& message);
  bool is_stopped() const { return stop != nullptr && stop->load(); }

  std::filesystem::path errors;
  Instrument* instrument;
  const std::atomic<bool>* stop;
  asio::io_context context;
  asio::posix::stream_descriptor events;
  asio::streambuf events_buffer;
  asio::local::stream_protocol::socket monitor;
  asio::streambuf monitor_buffer;
  asio::posix::stream_descriptor exit;
  process::child child;
  std::deque<SessionEvent> seen;
  std::optional<json> answer;
  bool ended = false;
};

QemuSession::Loop::~Loop() {
  if (ended || !child.valid()) return;
  end_child(child.id());
  child.detach();
}

void QemuSession::Loop::read_events() {
  asio::async_read_until(events, events_buffer, '\n',
                         [this](const boost::system::error_code& error, std::size_t size) {
                           if (error) return;
                           seen.emplace_back(instrument->event_of(take_line(&events_buffer, size)));
                           read_events();
                         });
}

void QemuSession::Loop::read_monitor() {
  asio::async_read_until(monitor, monitor_buffer, '\n',
                         [this](const boost::system::error_code& error, std::size_t size) {
                           if (error) return;  // QEMU ended: watch_exit() says so
                           take(parse_json(take_line(&monitor_buffer, size)));
                           read_monitor();
                         });
}

void QemuSession::Loop::take(const json& message) {
  if (!message.is_object()) return;
  if (message.contains("event") && message["event"].is_string()) {
    seen.emplace_back(QmpEvent{message["event"].get<std::string>(), message.value("data", json::object())});
  } else if (message.contains("return") || message.contains("error")) {
    answer = message;
  }
}

// A process file descriptor becomes readable when the process ends: nothing polls, and no SIGCHLD handler is
// shared between threads.
void QemuSession::Loop::watch_exit() {
  const int fd = static_cast<int>(::syscall(SYS_pidfd_open, child.id(), 0));
  if (fd < 0) return;  // Linux before 5.3; the time limits still hold
  exit.assign(fd);
  exit.async_wait(asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (!error) on_exit();
  });
}

void QemuSession::Loop::on_exit() {
  std::error_code ignored;
  child.wait(ignored);
  ended = true;
  const int status = child.native_exit_code();
  QemuEnded end;
  end.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  end.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
  end.errors = last_part(errors);
  seen.emplace_back(end);
}

QemuSession::QemuSession(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
QemuSession::~QemuSession() = default;

Result<std::unique_ptr<QemuSession>> QemuSession::start(const std::vector<std::string>& argv,
                                                        const std::filesystem::path& errors,
                                                        const ScratchDir& scratch, Instrument* instrument,
                                                        const std::atomic<bool>* stop) {
  const std::string program = find_program(argv[0]);
  if (program.empty())
    return fail(ErrorKind::infrastructure, fmt::format("{} is not installed", argv[0]),
                "run ci/setup, or see loopgate doctor");
  auto loop = std::make_unique<Loop>(errors, instrument, stop);
  auto events = instrument->open_events();
  if (!events) return tl::unexpected(events.error());
  loop->events.assign(*events);
  loop->read_events();
  std::error_code failed;
  loop->child = process::child(
      process::exe = program, process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::std_in<process::null, process::std_out> process::null, process::std_err > errors.string(),
      process::extend::on_exec_setup =
          [harness = ::getpid(), lock = scratch.descriptor()](auto&) {
            end_with(harness);
            ::setpgid(0, 0);  // QEMU ends by any signal, also one that the harness was told to ignore
            ::fcntl(lock, F_SETFD, 0);
          },
      failed);
  if (failed)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be started: {}", program, failed.message()));
  loop->watch_exit();
  return std::unique_ptr<QemuSession>(new QemuSession(std::move(loop)));
}

bool QemuSession::run_until(Clock::time_point deadline, const std::function<bool()>& done) {
  while (!done()) {
    if (Clock::now() >= deadline || loop_->is_stopped()) return false;
    loop_->context.restart();
    loop_->context.run_one_until(std::min(deadline, Clock::now() + stop_interval));
  }
  return true;
}

std::optional<SessionEvent> QemuSession::next(Clock::time_point deadline) {
  const bool seen = run_until(deadline, [this] { return !loop_->seen.empty(); });
  if (loop_->is_stopped()) return StopAsked();
  if (!seen) return std::nullopt;
  SessionEvent first = std::move(loop_->seen.front());
  loop_->seen.pop_front();
  return first;
}

Status QemuSession::connect(const std::filesystem::path& monitor) {
  boost::system::error_code error;
  loop_->monitor.connect(asio::local::stream_protocol::endpoint(monitor.string()), error);
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: QEMU does not answer there: {}", monitor.string(), error.message()));
  loop_->read_monitor();
  return command("qmp_capabilities");
}

Status QemuSession::command(const char* name, json arguments) {
  const std::string line = json{{"execute", name}, {"arguments", std::move(arguments)}}.dump() + "\n";
  std::optional<json>& answer = loop_->answer;
  answer.reset();
  boost::system::error_code error;
  asio::write(loop_->monitor, asio::buffer(line), error);
  if (error)
    return fail(ErrorKind::infrastructure, fmt::format("QEMU took no command {}: {}", name, error.message()));
  const bool over =
      run_until(Clock::now() + answer_limit, [&] { return answer.has_value() || loop_->ended; });
  if (!over || !answer)
    return fail(ErrorKind::infrastructure, fmt::format("QEMU did not answer the command {}", name));
  if (answer->contains("error"))
    return fail(ErrorKind::infrastructure,
                fmt::format("QEMU refused {}: {}", name, (*answer)["error"].dump()));
  return {};
}

}  // namespace loopgate
