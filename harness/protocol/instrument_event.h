// What an instrument says while a cell is carried out: one JSON object a line. QEMU's plugin writes them into
// a FIFO; on a board the loopback program prints them, and the agent hands them on, with its own. The harness
// reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "protocol/channel.h"
#include "protocol/pulses.h"

namespace loopgate {

// Of times in ns.
struct EventFigures {
  std::int64_t min = 0;
  std::int64_t p50 = 0;
  std::int64_t p99 = 0;
  std::int64_t max = 0;

  bool operator==(const EventFigures&) const = default;
};

// What the loopback program knows of itself at its end.
struct LoopbackFigures {
  std::optional<EventFigures> own_share;  // of a latency: setting the pin
  std::optional<EventFigures> late_by;    // how long after its due time a stimulus was sent
  std::optional<int> cpu;                 // that it is bound to
  std::optional<bool> shares_payloads_cpu;
  std::int64_t timer_resolution_ns = 0;
  std::uint64_t counter_hz = 0;
  std::int64_t clock_step_ns = 0;
  std::int64_t minor_faults = 0;
  std::int64_t major_faults = 0;
  int priority_read_back = 0;
  bool degraded = false;

  bool operator==(const LoopbackFigures&) const = default;
};

struct InstrumentEvent {
  enum class Kind {
    wired,     // it has taken its pins: the machine may start
    booted,    // the machine idles after boot, and stands still
    ready,     // load and payload run: measuring begins
    counting,  // the first counted stimulus falls due now
    progress,  // counts only
    measured,  // the last stimulus is over, the samples file is closed
    reported,  // the agent's report can be read
    failed,    // the agent gave up: its report says why
    silent,    // the agent did not reach the state `awaited` within the limit
    error,     // the instrument itself can't go on; `what` says why
  };
  Kind kind = Kind::progress;
  std::int64_t virtual_ns = 0;    // on the virtual bench
  std::int64_t monotonic_ns = 0;  // on a board: of its CLOCK_MONOTONIC
  PulseCounts counts;
  std::uint64_t storm_pulses = 0;
  std::optional<std::int64_t> longest_turn_ns;  // virtual: of a CPU so far, where a board has several
  AgentState awaited = AgentState::none;
  std::string what;
  std::optional<LoopbackFigures> loopback;

  bool operator==(const InstrumentEvent&) const = default;
};

// Without an end of line.
std::string to_line(const InstrumentEvent& event);

// Refuses what is missing, unknown or of a wrong type. Kind: data.
Result<InstrumentEvent> parse_event(std::string_view line);

}  // namespace loopgate
