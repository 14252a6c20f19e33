// The QEMU plugin's settings: one JSON file a cell (instrument.json), which the harness writes and the plugin
// reads.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "protocol/aim_settings.h"
#include "protocol/lines.h"
#include "protocol/pulses.h"
#include "protocol/trace_settings.h"
#include "protocol/turn_settings.h"

namespace loopgate {

// How QEMU's command line and the plugin call the guest's memory.
inline constexpr const char* guest_memory_name = "guest-memory";

struct InstrumentSettings {
  std::string architecture = "arm64";  // the guest's, by Debian's name
  std::string controller = "pl061";    // QEMU's type name of the GPIO controller, or own_controller
  PinLines lines;
  TurnSettings turns;
  std::filesystem::path channel;  // the shared memory's file
  std::filesystem::path events;   // a FIFO: one JSON object a line
  std::filesystem::path samples;  // empty: boot only, or programs measure
  PulseSettings pulses;
  // The loopback program on the board stimulates and measures: the plugin joins its pins by two jumpers, and
  // monitors them.
  bool bench_monitors = false;
  // Programs on the board measure by themselves: the plugin stimulates nothing, and waits for their report.
  // Virtual, from AgentState::ready to the report; 0: there are none.
  std::int64_t programs_timeout_ns = 0;
  TraceSettings trace;
  AimSettings aim;
  double storm_per_second = 0;
  std::int64_t saved_at_ns = 0;                     // virtual: where the restored state's clock stands
  std::int64_t boot_timeout_ns = 60'000'000'000;    // virtual, to AgentState::booted
  std::int64_t ready_timeout_ns = 30'000'000'000;   // virtual, from there to AgentState::ready
  std::int64_t report_timeout_ns = 15'000'000'000;  // virtual, from the end of measuring to the report
  std::int64_t loopback_timeout_ns =
      0;  // virtual, from AgentState::ready to the report, where bench_monitors
};

// Whether a cell is measured, or the machine is only brought to the state after boot.
inline bool measures(const InstrumentSettings& settings) {
  return !settings.samples.empty() || settings.programs_timeout_ns > 0;
}

std::string to_json(const InstrumentSettings& settings);
Result<InstrumentSettings> parse_instrument_settings(std::string_view json);

}  // namespace loopgate
