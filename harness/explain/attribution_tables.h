// What the timelines of a sample's CPUs share: tasks, call chains, events, and the names of functions.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "explain/call_stack.h"
#include "explain/sample/explained_sample.h"
#include "protocol/trace_file.h"

namespace loopgate {

class AttributionTables {
 public:
  AttributionTables(const ExplainArch& arch, Symbols* symbols) : arch_(arch), symbols_(symbols) {}

  const ExplainArch& arch() const { return arch_; }
  Symbols* symbols() { return symbols_; }
  CallChains* chains() { return &chains_; }

  // In tasks().
  std::uint32_t number_of(const TraceTask& task);
  const std::vector<ExplainedTask>& tasks() const { return tasks_; }

  TaskEvent& add_event(TaskEvent event);

  // Somebody is about to wake the task.
  void note_waking(std::uint32_t task, const TaskEvent::Waking& waking) { waking_[task] = waking; }
  // Who was, when it is woken by this event: the last that was noted, or who carries it out.
  TaskEvent::Waking waking_of(const TaskEvent& woken);
  const std::vector<TaskEvent>& events() const { return events_; }

  void enter_system_call(std::uint32_t task) { in_system_call_.insert(task); }
  // False where the task was not in one.
  bool leave_system_call(std::uint32_t task) { return in_system_call_.erase(task) > 0; }

  // Moves all of it into the sample. Nothing may be added afterwards.
  void finish(ExplainedSample* sample);

 private:
  const ExplainArch& arch_;
  Symbols* symbols_;
  CallChains chains_;
  std::vector<ExplainedTask> tasks_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint32_t> numbers_;  // by address and pid
  std::set<std::uint32_t> in_system_call_;
  std::vector<TaskEvent> events_;
  std::map<std::uint32_t, TaskEvent::Waking> waking_;  // by the task that is to be woken
};

}  // namespace loopgate
