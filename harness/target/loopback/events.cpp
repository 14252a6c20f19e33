#include "target/loopback/events.h"

#include <unistd.h>

#include <utility>

#include "protocol/clock_pair.h"
#include "target/output.h"

namespace loopgate {

InstrumentEvent event_now(InstrumentEvent::Kind kind, const PulseCounts& counts) {
  InstrumentEvent event;
  event.kind = kind;
  event.monotonic_ns = now_ns();
  event.counts = counts;
  return event;
}

InstrumentEvent error_event(std::string what) {
  InstrumentEvent event;
  event.kind = InstrumentEvent::Kind::error;
  event.what = std::move(what);
  return event;
}

bool say(const InstrumentEvent& event) { return target::write_all(STDOUT_FILENO, to_line(event) + "\n"); }

}  // namespace loopgate
