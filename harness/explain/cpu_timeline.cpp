#include "explain/cpu_timeline.h"

#include <cstring>

namespace loopgate {

// What was noted since the block before happened at this one's begin: a switch, for one, is noted after the
// block that does it, and the chain is the new task's from here on.
void CpuTimeline::run(const TraceBlock& block, std::int64_t at_ns) {
  if (!has_run_) begin(at_ns);
  close_span(at_ns);
  for (const TraceEvent* event : noted_) apply(*event, at_ns);
  noted_.clear();
  stack_.run(block);
  follow_handler(at_ns);
  if (vector_taken_) {
    if (stack_.in_interrupt()) interrupts_.push_back(at_ns);
    vector_taken_ = false;
  }
  open_span(at_ns);
}

void CpuTimeline::open_span(std::int64_t at_ns) {
  open_ = Span{
      at_ns, at_ns, Phase::irqs_disabled, task_, stack_.chain(), stack_.in_interrupt(), stack_.in_kernel(),
      cpu_};
}

// Until its first block the CPU stood still. What it was at is noted before anything else.
void CpuTimeline::begin(std::int64_t at_ns) {
  has_run_ = true;
  if (at_ns == 0 || !may_wait_) return;
  while (!noted_.empty() &&
         (noted_.front()->kind == TraceKind::current || noted_.front()->kind == TraceKind::stack)) {
    apply(*noted_.front(), 0);
    noted_.erase(noted_.begin());
  }
  open_span(0);
}

// The handler of an interrupt ends when the CPU is no longer in a function that it called.
void CpuTimeline::follow_handler(std::int64_t at_ns) {
  if (handler_begins_) {
    handler_begins_ = false;
    handler_ = stack_.chain();
  } else if (handler_ != 0 && !stack_.is_within(handler_)) {
    handler_ = 0;
    add(TaskEvent::Kind::irq_exit, at_ns, 0).value = handler_number_;
  }
}

void CpuTimeline::close_span(std::int64_t at_ns) {
  if (!open_) return;
  open_->end_ns = at_ns;
  const bool merges = !spans_.empty() && spans_.back().task == open_->task &&
                      spans_.back().chain == open_->chain && spans_.back().interrupt == open_->interrupt &&
                      spans_.back().kernel == open_->kernel;
  if (merges) {
    spans_.back().end_ns = at_ns;
  } else if (at_ns > open_->begin_ns || spans_.empty()) {
    spans_.push_back(*open_);
  }
  open_.reset();
}

void CpuTimeline::enter(const TraceTask& task) {
  task_ = tables_->number_of(task);
  entered_ = task;
  tables_->symbols()->enter_program(task.name, task.code);
}

TaskEvent& CpuTimeline::add(TaskEvent::Kind kind, std::int64_t at_ns, std::uint32_t other) {
  TaskEvent event;
  event.at_ns = at_ns;
  event.kind = kind;
  event.task = task_;
  event.other = other;
  event.cpu = cpu_;
  return tables_->add_event(std::move(event));
}

void CpuTimeline::apply(const TraceEvent& event, std::int64_t at_ns) {
  switch (event.kind) {
    case TraceKind::current:
      enter(task_in(event.words));
      break;
    case TraceKind::stack:
      stack_.replace(event.words);
      // Called before the stimulus came; its number is known when it returns.
      if (stack_.goes_through(tables_->arch().system_call_handler)) tables_->enter_system_call(task_);
      break;
    case TraceKind::switched:
      apply_switch(event, at_ns);
      break;
    case TraceKind::woken:
      apply_woken(event, at_ns);
      break;
    case TraceKind::waking:
      tables_->note_waking(tables_->number_of(task_in(event.words)), {at_ns, task_, cpu_});
      break;
    case TraceKind::vector:
      stack_.take_exception(event.words[0], event.words[1] != 0);
      vector_taken_ = true;
      break;
    case TraceKind::interrupt:
      apply_interrupt(event, at_ns);
      break;
    case TraceKind::system_call:
      tables_->enter_system_call(task_);
      add(TaskEvent::Kind::sys_enter, at_ns, 0).value = static_cast<std::int64_t>(event.words[0]);
      break;
    case TraceKind::returns:
      if (tables_->leave_system_call(task_)) {
        TaskEvent& exit = add(TaskEvent::Kind::sys_exit, at_ns, 0);
        exit.value = static_cast<std::int64_t>(event.words[1]);
        exit.result = static_cast<std::int64_t>(event.words[0]);
      }
      break;
    default:
      break;
  }
}

void CpuTimeline::apply_woken(const TraceEvent& event, std::int64_t at_ns) {
  TaskEvent& woken = add(TaskEvent::Kind::sched_wakeup, at_ns, tables_->number_of(task_in(event.words)));
  woken.waking = tables_->waking_of(woken);
}

void CpuTimeline::apply_switch(const TraceEvent& event, std::int64_t at_ns) {
  const TraceTask from = task_in(event.words, 0);
  const TraceTask to = task_in(event.words, 1);
  task_ = tables_->number_of(from);
  add(TaskEvent::Kind::sched_switch, at_ns, tables_->number_of(to)).result =
      static_cast<std::int64_t>(from.state);
  enter(to);
}

void CpuTimeline::apply_interrupt(const TraceEvent& event, std::int64_t at_ns) {
  TaskEvent& entry = add(TaskEvent::Kind::irq_entry, at_ns, 0);
  entry.value = static_cast<std::int64_t>(event.words[0]);
  const char* name = reinterpret_cast<const char*>(&event.words[1]);
  entry.name = std::string(name, ::strnlen(name, 32));
  handler_number_ = entry.value;
  handler_begins_ = true;
}

}  // namespace loopgate
