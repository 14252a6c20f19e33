// Counts the instructions between a program's marks: its window is a path, from the begin mark to the end
// mark, with all that the CPUs execute meanwhile for whomever.
#pragma once

#include <memory>
#include <unordered_map>

#include "protocol/trace_settings.h"
#include "qemu/plugin/exception_stacks.h"
#include "qemu/plugin/path_counter.h"
#include "qemu/plugin/probe.h"
#include "qemu/plugin/trace_writer.h"

namespace loopgate {

class PathProbe : public Probe {
 public:
  // The host owns it.
  static Result<std::unique_ptr<Probe>> create(const TraceSettings& settings, TraceHost* host);

  void on_block(unsigned cpu, TracedBlock* translated) override;
  void on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) override;
  void on_mark(unsigned cpu, const PathMark& mark) override;
  void on_pin(const PinEvent&) override {}
  bool flush() override;

 private:
  PathProbe(const TraceSettings& settings, TraceHost* host, TraceWriter writer)
      : settings_(settings), host_(host), writer_(std::move(writer)) {}
  void begin(std::int64_t at_ns, unsigned cpu, const PathMark& mark);
  void begin_part_later(std::int64_t at_ns, unsigned cpu);
  void end(const CountedPath& path);
  void follow_exceptions(std::uint64_t task, const TracedBlock& block, bool user);
  void learn(std::uint64_t task);

  const TraceSettings settings_;
  TraceHost* host_;
  TraceWriter writer_;
  PathCounter counter_;
  ExceptionStacks exceptions_;
  std::unordered_map<std::uint64_t, TraceTask> tasks_;  // as they were when last seen
  std::uint64_t to_learn_ = 0;                          // a task that is read once the CPU is in the kernel
  const TracedBlock* last_ = nullptr;                   // block of this window
};

}  // namespace loopgate
