// What an instrument says while a cell is carried out, on either side: one JSON object a line.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "protocol/pulses.h"

namespace loopgate {

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
    silent,    // nothing came from the guest within the limit; `what` says what was awaited: boot, ready or
               // report
    error,     // the instrument itself can't go on; `what` says why
  };
  Kind kind = Kind::progress;
  std::int64_t virtual_ns = 0;
  PulseCounts counts;
  std::uint64_t storm_pulses = 0;
  std::string what;
};

// A line of the events FIFO. A line that is no event is a data error.
Result<InstrumentEvent> parse_event(const std::string& line);

}  // namespace loopgate
