// What the harness tells the QEMU plugin: one JSON file a cell (instrument.json), written by one and read by
// the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "protocol/lines.h"
#include "protocol/pulses.h"
#include "protocol/trace_settings.h"

namespace loopgate {

struct InstrumentSettings {
  std::string controller = "pl061";  // QEMU's type name of the GPIO controller
  PinLines lines;
  std::filesystem::path channel;  // the shared memory's file
  std::filesystem::path events;   // a FIFO: one JSON object a line
  std::filesystem::path samples;  // empty: boot only, nothing is measured
  PulseSettings pulses;
  bool observe = false;  // a program on the board measures: its pins are joined by two wires, and watched
  TraceSettings watch;
  double storm_per_second = 0;
  std::int64_t saved_at_ns = 0;                   // virtual: where the restored state's clock stands
  std::int64_t boot_limit_ns = 60'000'000'000;    // virtual, to AgentState::booted
  std::int64_t ready_limit_ns = 30'000'000'000;   // virtual, from there to AgentState::ready
  std::int64_t report_limit_ns = 15'000'000'000;  // virtual, from the end of measuring to the report
  std::int64_t observe_limit_ns = 0;  // virtual, from AgentState::ready to the report, while a program on the
                                      // board measures
  std::int64_t main_loop_turns_every_ns = 0;  // host time, for a test of the bench; 0: none but QEMU's own
};

std::string to_json(const InstrumentSettings& settings);
Result<InstrumentSettings> parse_instrument_settings(std::string_view json);

}  // namespace loopgate
