#include "explain/critical_path.h"

#include <algorithm>

namespace loopgate {
namespace {

constexpr std::int64_t never = -1;

struct WakeUp {
  std::int64_t at_ns = never;
  std::uint16_t cpu = 0;  // of the one who wakes
};

// Where another CPU carries it out, that is already a part of the way to the CPU.
WakeUp wake_up_of(const TaskEvent& event) {
  const bool by_itself = event.waking.cpu == event.cpu;
  return {by_itself ? event.at_ns : event.waking.at_ns, event.waking.cpu};
}

class Path {
 public:
  Path(const CpuTimelines& timelines, const AttributionTables& tables, std::uint16_t response_cpu)
      : timelines_(timelines), tables_(tables), response_cpu_(response_cpu) {}

  std::vector<Span> spans(std::int64_t latency_ns) {
    const auto last = timelines_.find(response_cpu_);
    if (last == timelines_.end()) return {};
    payload_ = last->second.task();
    find_wake_ups();
    const WakeUp& first = thread_woken_.at_ns >= 0 ? thread_woken_ : payload_woken_;
    const std::uint16_t irq_cpu = first.at_ns >= 0 ? first.cpu : response_cpu_;
    const std::uint16_t thread_cpu = payload_woken_.at_ns >= 0 ? payload_woken_.cpu : response_cpu_;
    taken_ns_ = interrupt_before(first.at_ns, irq_cpu);
    woken_ns_ = std::max(taken_ns_, first.at_ns);
    payload_woken_ns_ = std::max(woken_ns_, payload_woken_.at_ns);
    take(irq_cpu, 0, taken_ns_);
    take(irq_cpu, taken_ns_, woken_ns_);
    follow(thread_, thread_cpu, woken_ns_, payload_woken_ns_);
    follow(payload_, response_cpu_, payload_woken_ns_, latency_ns);
    return std::move(path_);
  }

 private:
  // When the payload and the line's irq thread were woken.
  void find_wake_ups() {
    thread_ = payload_;
    for (const TaskEvent& event : tables_.events()) {
      if (event.kind != TaskEvent::Kind::sched_wakeup || event.other != payload_ ||
          event.waking.task == payload_)
        continue;
      // The first one that an irq thread gave, or the first at all.
      const bool by_thread = tables_.tasks()[event.waking.task].name.starts_with("irq/");
      if (payload_woken_.at_ns < 0 || by_thread) payload_woken_ = wake_up_of(event);
      if (!by_thread) continue;
      thread_ = event.waking.task;
      break;
    }
    for (const TaskEvent& event : tables_.events()) {
      if (thread_ == payload_ || event.at_ns > payload_woken_.at_ns || thread_woken_.at_ns >= 0) break;
      if (event.kind == TaskEvent::Kind::sched_wakeup && event.other == thread_)
        thread_woken_ = wake_up_of(event);
    }
  }

  // When the last interrupt up to then was taken on that CPU: the one that woke the first of the two.
  std::int64_t interrupt_before(std::int64_t woken_ns, std::uint16_t cpu) const {
    std::int64_t taken_ns = 0;
    const auto timeline = timelines_.find(cpu);
    if (timeline == timelines_.end()) return taken_ns;
    for (const std::int64_t at_ns : timeline->second.interrupts()) {
      if (at_ns <= woken_ns) taken_ns = at_ns;
    }
    return taken_ns;
  }

  Phase phase_of(const Span& span) const {
    if (span.begin_ns < taken_ns_) return Phase::irqs_disabled;
    if (span.begin_ns < woken_ns_) return Phase::hardirq;
    if (span.begin_ns < payload_woken_ns_)
      return span.task == thread_ && !span.interrupt ? Phase::irq_thread : Phase::irq_thread_wakeup;
    if (span.task != payload_ || span.interrupt) return Phase::payload_wakeup;
    return span.kernel ? Phase::system_calls : Phase::payload;
  }

  // A stretch in which a CPU runs one task.
  struct Stretch {
    std::uint16_t cpu = 0;
    std::int64_t begin_ns = never;
    std::int64_t end_ns = never;
  };

  // The task's first that ends later.
  Stretch next_stretch(std::uint32_t task, std::int64_t at_ns) const {
    Stretch next;
    for (const auto& [cpu, timeline] : timelines_) {
      for (const Span& span : timeline.spans()) {
        if (span.task != task || span.end_ns <= at_ns) continue;
        const bool goes_on = next.cpu == cpu && next.end_ns == span.begin_ns;
        if (goes_on) {
          next.end_ns = span.end_ns;
        } else if (next.begin_ns < 0 || span.begin_ns < next.begin_ns) {
          next = {cpu, span.begin_ns, span.end_ns};
        }
      }
    }
    return next;
  }

  // From CPU to CPU with a task: where it does not run, it is what the CPU does on which it runs next.
  void follow(std::uint32_t task, std::uint16_t last_cpu, std::int64_t begin_ns, std::int64_t end_ns) {
    while (begin_ns < end_ns) {
      const Stretch next = next_stretch(task, begin_ns);
      const bool is_last = next.end_ns < 0 || next.end_ns >= end_ns;
      take(next.end_ns < 0 ? last_cpu : next.cpu, begin_ns, is_last ? end_ns : next.end_ns);
      begin_ns = is_last ? end_ns : next.end_ns;
    }
  }

  // The CPU's spans from begin to end, cut there.
  void take(std::uint16_t cpu, std::int64_t begin_ns, std::int64_t end_ns) {
    const auto timeline = timelines_.find(cpu);
    if (timeline == timelines_.end()) return;
    for (Span span : timeline->second.spans()) {
      const bool is_moment =
          span.begin_ns == span.end_ns && span.begin_ns >= begin_ns && span.begin_ns < end_ns;
      if (!is_moment && (span.begin_ns >= end_ns || span.end_ns <= begin_ns)) continue;
      span.begin_ns = std::max(span.begin_ns, begin_ns);
      span.end_ns = std::min(span.end_ns, end_ns);
      span.phase = phase_of(span);
      path_.push_back(span);
    }
  }

  const CpuTimelines& timelines_;
  const AttributionTables& tables_;
  std::uint16_t response_cpu_;
  std::uint32_t payload_ = 0;
  std::uint32_t thread_ = 0;
  WakeUp payload_woken_;
  WakeUp thread_woken_;
  std::int64_t taken_ns_ = 0;
  std::int64_t woken_ns_ = 0;
  std::int64_t payload_woken_ns_ = 0;
  std::vector<Span> path_;
};

}  // namespace

std::vector<Span> critical_path(const CpuTimelines& timelines, const AttributionTables& tables,
                                std::uint16_t response_cpu, std::int64_t latency_ns) {
  return Path(timelines, tables, response_cpu).spans(latency_ns);
}

}  // namespace loopgate
