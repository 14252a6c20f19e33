// What stimulates an emulated board and times its answer from outside, as a part of what the machine is
// started with: the QEMU plugin on the virtual clock. A board's own program is ordered by its job
// (loopback_request.h) instead, and external instruments are run beside the board (capture/); both leave the
// same events or files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/aim_settings.h"
#include "protocol/channel.h"
#include "protocol/instrument_event.h"
#include "protocol/pulses.h"
#include "protocol/trace_settings.h"

namespace loopgate {

// What one cell asks of an instrument. Neither samples file nor programs: the machine is only brought to the
// state after boot.
struct Measurement {
  std::filesystem::path folder;   // for the instrument's own files
  std::filesystem::path channel;  // the memory shared with the guest
  ChannelLayout channel_layout = small_channel;
  std::filesystem::path samples;
  PulseSettings pulses;
  bool bench_monitors = false;  // the loopback program on the board does; this instrument monitors its pins
  std::int64_t programs_timeout_ns = 0;  // programs on the board measure by themselves: how long at the most
  TraceSettings trace;                   // where the run is made again to be explained
  AimSettings aim;                       // or to hunt its worst case
  double storm_per_second = 0;
  std::int64_t saved_at_ns = 0;  // where the clock of the restored state stands
  std::int64_t ready_timeout_ns = 30'000'000'000;
};

class Instrument {
 public:
  virtual ~Instrument() = default;

  // Before the machine is started.
  virtual Status prepare(const Measurement& measurement) = 0;

  // Opens what the events come through, a line each. The caller waits for them, and closes the descriptor.
  virtual Result<int> open_events() = 0;
  // What a line says; an event of kind `error` when it cannot be read.
  virtual InstrumentEvent event_of(const std::string& line) const = 0;
};

}  // namespace loopgate
