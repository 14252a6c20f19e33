#include "qemu/plugin/program_bench.h"

namespace loopgate {

Status ProgramBench::wire_pins() {
  storm_.wire(qemu(), storm_pin(), [this] { return now_ns(); });
  return {};
}

// The agent holds each program to its own time; this is for an agent that is not heard of at all.
void ProgramBench::begin_measuring() {
  storm_.begin();
  limit_timer().arm_at(now_ns() + settings().programs_timeout_ns);
}

void ProgramBench::reported_while_measuring() {
  storm_.end();
  if (!trace_written()) return;
  emit(InstrumentEvent::Kind::measured);
  set_phase(Phase::waiting_report);
}

}  // namespace loopgate
