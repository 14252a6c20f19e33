#include "explain/attribution_tables.h"

#include <fmt/format.h>

namespace loopgate {
namespace {

// The kernel's numbering (include/uapi/linux/sched.h).
std::string policy_name(std::uint32_t policy) {
  switch (policy) {
    case 0:
      return "SCHED_OTHER";
    case 1:
      return "SCHED_FIFO";
    case 2:
      return "SCHED_RR";
    case 3:
      return "SCHED_BATCH";
    case 5:
      return "SCHED_IDLE";
    case 6:
      return "SCHED_DEADLINE";
    default:
      return fmt::format("policy {}", policy);
  }
}

// task_struct.prio counts down: 98 is real-time priority 1, 120 is nice 0.
ExplainedTask explained(const TraceTask& task) {
  const int priority = task.priority < 100 ? 99 - task.priority : task.priority - 120;
  return {static_cast<std::int32_t>(task.pid), static_cast<std::int32_t>(task.process), task.name,
          policy_name(task.policy), priority};
}

}  // namespace

std::uint32_t AttributionTables::number_of(const TraceTask& task) {
  const auto [found, is_new] =
      numbers_.insert({{task.address, task.pid}, static_cast<std::uint32_t>(tasks_.size())});
  if (is_new) tasks_.push_back(explained(task));
  return found->second;
}

TaskEvent& AttributionTables::add_event(TaskEvent event) {
  events_.push_back(std::move(event));
  return events_.back();
}

TaskEvent::Waking AttributionTables::waking_of(const TaskEvent& woken) {
  const auto noted = waking_.extract(woken.other);
  return noted.empty() ? TaskEvent::Waking{woken.at_ns, woken.task, woken.cpu} : noted.mapped();
}

void AttributionTables::finish(ExplainedSample* sample) {
  sample->tasks = std::move(tasks_);
  sample->events = std::move(events_);
  sample->functions = symbols_->names();
  sample->chains = chains_.take();
}

}  // namespace loopgate
