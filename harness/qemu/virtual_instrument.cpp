#include "qemu/virtual_instrument.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "machine/loopback_request.h"
#include "protocol/instrument_settings.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

fs::path events_of(const Measurement& measurement) { return measurement.folder / "events"; }
fs::path settings_of(const Measurement& measurement) { return measurement.folder / "instrument.json"; }

// QEMU's option parser splits at commas; a doubled one stands for itself.
std::string option_value(const fs::path& path) {
  std::string value;
  for (const char c : path.string()) value += c == ',' ? std::string(",,") : std::string(1, c);
  return value;
}

}  // namespace

VirtualInstrument::VirtualInstrument(const Board& board, fs::path plugin)
    : board_(board), plugin_(std::move(plugin)) {}

Status VirtualInstrument::prepare(const Measurement& measurement) {
  InstrumentSettings settings;
  settings.controller = board_.qemu().controller;
  settings.lines = board_.lines;
  settings.channel = measurement.channel;
  settings.events = events_of(measurement);
  settings.samples = measurement.samples;
  settings.pulses = measurement.pulses;
  settings.observe = measurement.observe;
  settings.watch = measurement.watch;
  settings.storm_per_second = measurement.storm_per_second;
  settings.saved_at_ns = measurement.saved_at_ns;
  settings.ready_limit_ns = measurement.ready_limit_ns;
  // After the agent's own limit: a program that hangs is not the kernel's fault, and the agent tells.
  if (measurement.observe)
    settings.observe_limit_ns = loopback_within_ms(measurement.pulses) * 1'000'000 + settings.report_limit_ns;
  if (const char* every = std::getenv("LOOPGATE_TEST_MAIN_LOOP_TURNS_EVERY_NS"))
    settings.main_loop_turns_every_ns = std::atoll(every);
  if (auto written = write_file_atomically(settings_of(measurement), to_json(settings)); !written)
    return written;

  events_ = events_of(measurement);
  std::error_code ignored;
  fs::remove(events_, ignored);
  if (::mkfifo(events_.c_str(), 0600) != 0)
    return fail(ErrorKind::infrastructure, fmt::format("{}: the events FIFO cannot be made: {}",
                                                       events_.string(), std::strerror(errno)));
  return {};
}

std::vector<std::string> VirtualInstrument::machine_arguments(const Measurement& measurement) const {
  return {"-plugin",
          fmt::format("{},settings={}", option_value(plugin_), option_value(settings_of(measurement)))};
}

Result<int> VirtualInstrument::open_events() {
  // For reading and writing, so that the FIFO has a writer before QEMU opens it and reading never ends with
  // an end of file.
  const int fd = ::open(events_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return fail(ErrorKind::infrastructure, fmt::format("{}: the events FIFO cannot be opened: {}",
                                                       events_.string(), std::strerror(errno)));
  return fd;
}

InstrumentEvent VirtualInstrument::event_of(const std::string& line) const {
  auto event = parse_event(line);
  if (event) return *event;
  InstrumentEvent broken;
  broken.kind = InstrumentEvent::Kind::error;
  broken.what = event.error().what;
  return broken;
}

}  // namespace loopgate
