// One running QEMU: its process, its QMP socket and the instrument inside it, on one event loop. Destroying
// it ends QEMU.
#pragma once

// clang-format off: Boost 1.74 uses std::exchange without including it, so this one comes first
#include <utility>
// clang-format on

#include <boost/asio.hpp>
#include <boost/process/child.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "base/result.h"
#include "qemu/instrument.h"

namespace loopgate {

struct QemuEnded {
  int exit_status = 0;
  int signal = 0;      // 0: it exited by itself
  std::string errors;  // the last of what QEMU wrote to standard error
};

struct QmpEvent {
  std::string name;
  nlohmann::json data;
};

using SessionEvent = std::variant<InstrumentEvent, QmpEvent, QemuEnded>;

class QemuSession {
 public:
  using Clock = std::chrono::steady_clock;

  // Starts QEMU; `errors` takes its standard error.
  static Result<std::unique_ptr<QemuSession>> start(const std::vector<std::string>& argv,
                                                    const std::filesystem::path& errors,
                                                    Instrument* instrument);
  ~QemuSession();
  QemuSession(const QemuSession&) = delete;
  QemuSession& operator=(const QemuSession&) = delete;

  // What happens next, waiting until `deadline`; nothing when that passes first.
  std::optional<SessionEvent> next(Clock::time_point deadline);

  // Connects to the socket that QEMU listens on by now.
  Status connect(const std::filesystem::path& monitor);

  // Sends a QMP command and waits for its answer, at most 30 s; what happens meanwhile is kept for next().
  Status command(const char* name, nlohmann::json arguments = nlohmann::json::object());

 private:
  explicit QemuSession(std::filesystem::path errors)
      : errors_(std::move(errors)), monitor_(context_), exit_(context_) {}
  bool run_until(Clock::time_point deadline, const std::function<bool()>& done);
  void read_monitor();
  void watch_exit();
  void on_exit();

  std::filesystem::path errors_;
  boost::asio::io_context context_;
  boost::asio::local::stream_protocol::socket monitor_;
  boost::asio::streambuf monitor_buffer_;
  boost::asio::posix::stream_descriptor exit_;
  boost::process::child child_;
  std::deque<SessionEvent> happenings_;
  std::optional<nlohmann::json> answer_;
  bool ended_ = false;
};

}  // namespace loopgate
