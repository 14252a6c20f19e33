#include "qemu/virtual_instrument.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstring>

#include "base/file.h"
#include "machine/loopback_request.h"
#include "protocol/instrument_settings.h"
#include "qemu/qemu_command.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

fs::path events_of(const Measurement& measurement) { return measurement.folder / "events"; }
fs::path settings_of(const Measurement& measurement) { return measurement.folder / "instrument.json"; }

}  // namespace

Status VirtualInstrument::prepare(const Measurement& measurement) {
  InstrumentSettings settings;
  settings.architecture = name_of(board_.architecture);
  settings.controller = board_.qemu().controller;
  settings.lines = board_.lines;
  if (board_.cpus > 1) settings.turns = {board_.cpus, board_.qemu().slice_ns};
  settings.channel = measurement.channel;
  settings.events = events_of(measurement);
  settings.samples = measurement.samples;
  settings.pulses = measurement.pulses;
  settings.bench_monitors = measurement.bench_monitors;
  settings.programs_timeout_ns = measurement.programs_timeout_ns;
  settings.trace = measurement.trace;
  settings.aim = measurement.aim;
  settings.storm_per_second = measurement.storm_per_second;
  settings.saved_at_ns = measurement.saved_at_ns;
  settings.ready_timeout_ns = measurement.ready_timeout_ns;
  // After the agent's own limit: a program that hangs is not the kernel's fault, and the agent says so.
  if (measurement.bench_monitors)
    settings.loopback_timeout_ns =
        loopback_timeout_ms(measurement.pulses) * 1'000'000 + settings.report_timeout_ns;
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

std::vector<std::string> VirtualInstrument::qemu_arguments(const fs::path& plugin,
                                                           const Measurement& measurement) {
  return {"-plugin", fmt::format("{},settings={}", qemu_option_value(plugin),
                                 qemu_option_value(settings_of(measurement)))};
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
