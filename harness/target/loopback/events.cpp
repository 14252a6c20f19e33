#include "target/loopback/events.h"

#include <unistd.h>

#include <utility>

#include "protocol/clock_pair.h"

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

void say(const InstrumentEvent& event) {
  const std::string line = to_line(event) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace loopgate
