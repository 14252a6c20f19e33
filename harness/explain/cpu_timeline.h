// What one CPU did while a sample was pending: spans without a gap, each of one task and one call chain.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "explain/attribution_tables.h"
#include "explain/trace_reader.h"

namespace loopgate {

class CpuTimeline {
 public:
  // `phases_only`: blocks are left out of the trace, so that calls can't be followed. `may_wait`: the CPU may
  // execute nothing at first, since it idles or another one has its turn.
  CpuTimeline(std::uint16_t cpu, AttributionTables* tables, bool phases_only, bool may_wait)
      : cpu_(cpu),
        may_wait_(may_wait),
        tables_(tables),
        stack_(tables->arch(), tables->symbols(), tables->chains(), !phases_only) {}

  // Happens at the next block. `event` must live until then.
  void note(const TraceEvent* event) { noted_.push_back(event); }
  // A block begins, at a time since the stimulus.
  void run(const TraceBlock& block, std::int64_t at_ns);
  // The sample is over.
  void end(std::int64_t at_ns) { close_span(at_ns); }
  // Another CPU ran in between: addresses of user space are this one's again.
  void resume() {
    if (entered_) tables_->symbols()->enter_program(entered_->name, entered_->code);
  }

  const std::vector<Span>& spans() const { return spans_; }
  // When each hard interrupt was taken.
  const std::vector<std::int64_t>& interrupts() const { return interrupts_; }
  // The running task, in the tables.
  std::uint32_t task() const { return task_; }

 private:
  void apply(const TraceEvent& event, std::int64_t at_ns);
  void apply_woken(const TraceEvent& event, std::int64_t at_ns);
  void apply_switch(const TraceEvent& event, std::int64_t at_ns);
  void apply_interrupt(const TraceEvent& event, std::int64_t at_ns);
  void enter(const TraceTask& task);
  void follow_handler(std::int64_t at_ns);
  void begin(std::int64_t at_ns);
  void open_span(std::int64_t at_ns);
  void close_span(std::int64_t at_ns);
  TaskEvent& add(TaskEvent::Kind kind, std::int64_t at_ns, std::uint32_t other);

  std::uint16_t cpu_;
  bool may_wait_;
  AttributionTables* tables_;
  CallStack stack_;
  std::vector<const TraceEvent*> noted_;
  std::vector<Span> spans_;
  std::vector<std::int64_t> interrupts_;
  std::optional<Span> open_;
  std::optional<TraceTask> entered_;
  std::uint32_t task_ = 0;
  bool has_run_ = false;
  bool vector_taken_ = false;
  bool handler_begins_ = false;
  std::uint32_t handler_ = 0;  // the call chain of the interrupt handler that runs; 0: none
  std::int64_t handler_number_ = 0;
};

}  // namespace loopgate
