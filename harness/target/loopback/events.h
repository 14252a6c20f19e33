// What the program says while it works: events on standard output, a line each.
#pragma once

#include <string>

#include "protocol/instrument_event.h"

namespace loopgate {

InstrumentEvent event_now(InstrumentEvent::Kind kind, const PulseCounts& counts);
InstrumentEvent error_event(std::string what);

// One write of less than PIPE_BUF bytes, so that a line is never split.
bool say(const InstrumentEvent& event);

}  // namespace loopgate
