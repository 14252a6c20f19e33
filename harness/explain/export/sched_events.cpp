#include "explain/export/sched_events.h"

#include <algorithm>
#include <bit>
#include <set>
#include <utility>

namespace loopgate {
namespace {

// Which of trace_formats(); the ids are this file's own, since the file brings its formats along.
enum Format : std::size_t { print, irq_entry, irq_exit, sys_enter, sys_exit, sched_switch, sched_wakeup };

constexpr std::uint8_t flags_hard_interrupt =
    0x01 | 0x08;  // interrupts are masked; in an interrupt's handler

// TASK_REPORT in the kernel's sched.h: of the state's bits the highest that has a letter is shown.
std::int64_t reported_state(std::int64_t state) {
  constexpr std::uint64_t letters = 0x7f;
  constexpr std::uint64_t idle = 0x402;            // uninterruptible, and no load
  constexpr std::uint64_t sleeping_lock = 0x1000;  // PREEMPT_RT's spinlocks: reported as uninterruptible
  constexpr std::uint64_t frozen = 0x8000;         // likewise
  const auto bits = static_cast<std::uint64_t>(state);
  if ((bits & idle) == idle) return 0x80;
  if ((bits & letters) == 0 && (bits & (sleeping_lock | frozen)) != 0) return 0x02;
  return static_cast<std::int64_t>(std::bit_floor(bits & letters));
}

// The kernel's number: 0 is the highest real-time priority, 120 is nice 0.
std::int64_t kernel_priority(const ExplainedTask& task) {
  if (task.policy == "SCHED_DEADLINE") return -1;
  if (task.policy == "SCHED_FIFO" || task.policy == "SCHED_RR") return 99 - task.priority;
  return 120 + task.priority;
}

class Recorder {
 public:
  explicit Recorder(const ExplainedSample& sample) : sample_(sample) {}

  std::vector<FtraceRecord> records() {
    const Span first = sample_.spans.empty() ? Span{} : sample_.spans.front();
    const Span last = sample_.spans.empty() ? Span{} : sample_.spans.back();
    add_mark(0, first, "loopgate: stimulus");
    for (const TaskEvent& event : sample_.events) add(event);
    add_mark(sample_.latency_ns, last, "loopgate: response");
    return std::move(records_);
  }

 private:
  const ExplainedTask& task(std::uint32_t index) const {
    static const ExplainedTask unknown{0, 0, "?", "", 0};
    return index < sample_.tasks.size() ? sample_.tasks[index] : unknown;
  }

  EventRecord record(Format format, const TaskEvent& event) const {
    return {trace_formats()[format],
            in_interrupt_.contains(event.cpu) ? flags_hard_interrupt : std::uint8_t{0}, task(event.task).pid};
  }

  void add_mark(std::int64_t at_ns, const Span& running, const std::string& text) {
    EventRecord mark(trace_formats()[print], 0, task(running.task).pid);
    keep({at_ns, running.cpu, mark.number(0).text(text).take()});
  }

  void add(const TaskEvent& event) {
    if (event.kind == TaskEvent::Kind::irq_entry) in_interrupt_.insert(event.cpu);
    keep({event.at_ns, event.cpu, bytes_of(event)});
    if (event.kind == TaskEvent::Kind::irq_exit) in_interrupt_.erase(event.cpu);
  }

  // Where the woken task runs next, since no record says where the scheduler put it; the waking CPU where it
  // doesn't run within the sample.
  std::int64_t target_cpu(const TaskEvent& wakeup) const {
    for (const TaskEvent& event : sample_.events) {
      if (event.kind == TaskEvent::Kind::sched_switch && event.other == wakeup.other &&
          event.at_ns >= wakeup.at_ns)
        return event.cpu;
    }
    return wakeup.cpu;
  }

  // After all that happened until then: most often at the end.
  void keep(FtraceRecord record) {
    const auto later = [](std::int64_t at_ns, const FtraceRecord& other) { return at_ns < other.at_ns; };
    records_.insert(std::upper_bound(records_.begin(), records_.end(), record.at_ns, later),
                    std::move(record));
  }

  std::string bytes_of(const TaskEvent& event) const {
    const ExplainedTask& other = task(event.other);
    switch (event.kind) {
      case TaskEvent::Kind::irq_entry:
        return record(irq_entry, event).number(event.value).text(event.name).take();
      case TaskEvent::Kind::irq_exit:
        return record(irq_exit, event).number(event.value).take();
      case TaskEvent::Kind::sys_enter:
        return record(sys_enter, event).number(event.value).text(event.name).take();
      case TaskEvent::Kind::sys_exit:
        return record(sys_exit, event).number(event.value).number(event.result).take();
      case TaskEvent::Kind::sched_wakeup:
        return record(sched_wakeup, event)
            .text(other.name)
            .number(other.pid)
            .number(kernel_priority(other))
            .number(target_cpu(event))
            .take();
      case TaskEvent::Kind::sched_switch:
        break;
    }
    const ExplainedTask& leaving = task(event.task);
    return record(sched_switch, event)
        .text(leaving.name)
        .number(leaving.pid)
        .number(kernel_priority(leaving))
        .number(reported_state(event.result))
        .text(other.name)
        .number(other.pid)
        .number(kernel_priority(other))
        .take();
  }

  const ExplainedSample& sample_;
  std::vector<FtraceRecord> records_;
  std::set<std::uint16_t> in_interrupt_;  // CPUs within a handler
};

}  // namespace

// As the kernel's where the same is known. What a traced run doesn't know is left out: the arguments of a
// system call (its name stands there instead), and whether a handler dealt with its interrupt.
const std::vector<EventFormat>& trace_formats() {
  static const std::vector<EventFormat> formats = {
      {"ftrace", "print", 5, {{"unsigned long ip", 8, false}, {"char buf[]", 0, false}}, R"("%s", REC->buf)"},
      {"irq",
       "irq_handler_entry",
       101,
       {{"int irq", 4, true}, {"__data_loc char[] name", 4, false}},
       R"("irq=%d name=%s", REC->irq, __get_str(name))"},
      {"irq", "irq_handler_exit", 102, {{"int irq", 4, true}}, R"("irq=%d", REC->irq)"},
      {"raw_syscalls",
       "sys_enter",
       201,
       {{"long id", 8, true}, {"__data_loc char[] name", 4, false}},
       R"("NR %ld %s", REC->id, __get_str(name))"},
      {"raw_syscalls",
       "sys_exit",
       202,
       {{"long id", 8, true}, {"long ret", 8, true}},
       R"("NR %ld = %ld", REC->id, REC->ret)"},
      {"sched",
       "sched_switch",
       301,
       {{"char prev_comm[16]", 16, false},
        {"pid_t prev_pid", 4, true},
        {"int prev_prio", 4, true},
        {"long prev_state", 8, true},
        {"char next_comm[16]", 16, false},
        {"pid_t next_pid", 4, true},
        {"int next_prio", 4, true}},
       R"("prev_comm=%s prev_pid=%d prev_prio=%d prev_state=%s ==> next_comm=%s next_pid=%d next_prio=%d", )"
       R"(REC->prev_comm, REC->prev_pid, REC->prev_prio, REC->prev_state ? __print_flags(REC->prev_state, "|", )"
       R"({ 0x1, "S" }, { 0x2, "D" }, { 0x4, "T" }, { 0x8, "t" }, { 0x10, "X" }, { 0x20, "Z" }, { 0x40, "P" }, )"
       R"({ 0x80, "I" }) : "R", REC->next_comm, REC->next_pid, REC->next_prio)"},
      {"sched",
       "sched_wakeup",
       302,
       {{"char comm[16]", 16, false},
        {"pid_t pid", 4, true},
        {"int prio", 4, true},
        {"int target_cpu", 4, true}},
       R"("comm=%s pid=%d prio=%d target_cpu=%03d", REC->comm, REC->pid, REC->prio, REC->target_cpu)"},
  };
  return formats;
}

std::vector<FtraceRecord> trace_records(const ExplainedSample& sample) { return Recorder(sample).records(); }

}  // namespace loopgate
