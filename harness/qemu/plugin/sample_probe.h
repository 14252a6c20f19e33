// Writes what the CPUs did while chosen samples were pending: its window is a sample, from the stimulus to
// the response.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "protocol/trace_settings.h"
#include "qemu/plugin/guest_registers.h"
#include "qemu/plugin/probe.h"
#include "qemu/plugin/trace_writer.h"

namespace loopgate {

class SampleProbe : public Probe {
 public:
  // The host owns it.
  static Result<std::unique_ptr<Probe>> create(const TraceSettings& settings, TraceHost* host);

  void on_block(unsigned cpu, TracedBlock* translated) override;
  void on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) override;
  void on_pin(const PinEvent& event) override;
  bool flush() override { return writer_.flush(); }

 private:
  // What is known of a CPU from its block before.
  struct Cpu {
    bool first = false;     // it has not run a block of this sample
    bool switched = false;  // the next block is the first of another task
    bool was_user = false;
    std::uint32_t last_opcode = 0;
  };

  SampleProbe(const TraceSettings& settings, TraceHost* host, TraceWriter writer);
  void begin(const PinEvent& event);
  void end(TraceKind kind, std::int64_t at_ns);
  bool is_left_out(const Cpu& state, const TracedBlock& block, bool user) const;
  void write_first(unsigned cpu, const TracedBlock& block);
  void write_events(unsigned cpu, const TracedBlock& block, std::int64_t at_ns);
  void write_crossing(unsigned cpu, bool user, std::int64_t at_ns, GuestRegisters* registers);
  void write_block(const TracedBlock& block);
  Cpu& cpu_at(unsigned cpu);

  const TraceSettings settings_;
  const std::set<std::uint32_t> samples_;
  TraceHost* host_;
  TraceWriter writer_;
  std::vector<Cpu> cpus_;
  std::vector<bool> written_;  // by a block's id
  std::optional<std::uint32_t> sample_;
};

}  // namespace loopgate
