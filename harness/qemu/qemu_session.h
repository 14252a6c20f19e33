// One running QEMU: its process, its QMP socket and the instrument inside it, on one event loop. Destroying
// it ends QEMU.
#pragma once

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/scratch_dir.h"
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

// Whoever started it wants it to end.
struct StopAsked {};

using SessionEvent = std::variant<InstrumentEvent, QmpEvent, QemuEnded, StopAsked>;

class QemuSession {
 public:
  using Clock = std::chrono::steady_clock;

  // Starts QEMU; `errors` takes its standard error. It ends with the thread that called this, and keeps the
  // lock of `scratch` until it has: its folder is not removed under it, however the harness ends. `stop` may
  // be nothing; what a terminal sends to the harness does not reach QEMU.
  static Result<std::unique_ptr<QemuSession>> start(const std::vector<std::string>& argv,
                                                    const std::filesystem::path& errors,
                                                    const ScratchDir& scratch, Instrument* instrument,
                                                    const std::atomic<bool>* stop = nullptr);
  ~QemuSession();
  QemuSession(const QemuSession&) = delete;
  QemuSession& operator=(const QemuSession&) = delete;

  // What happens next, waiting until `deadline`; nothing when that passes first. Again and again StopAsked
  // once that is so.
  std::optional<SessionEvent> next(Clock::time_point deadline);

  // Connects to the socket that QEMU listens on by now.
  Status connect(const std::filesystem::path& monitor);

  // Sends a QMP command and waits for its answer, at most 30 s; what happens meanwhile is kept for next().
  Status command(const char* name, nlohmann::json arguments = nlohmann::json::object());

 private:
  // The process, its socket and the event loop: Asio and Process stay out of this header, which half of the
  // harness includes.
  struct Loop;
  explicit QemuSession(std::unique_ptr<Loop> loop);
  bool run_until(Clock::time_point deadline, const std::function<bool()>& done);

  std::unique_ptr<Loop> loop_;
};

}  // namespace loopgate
