#include "explain/account.h"

#include <fmt/format.h>

#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "explain/call_stack.h"

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

// What each system call of a 64-bit program goes through (arch/arm64/kernel/entry-common.c).
constexpr std::string_view system_call_handler = "el0_svc";

class Accountant {
 public:
  Accountant(const WatchedSample& watched, const std::vector<WatchedBlock>& blocks, Symbols* symbols,
             const AccountOptions& options)
      : watched_(watched),
        blocks_(blocks),
        symbols_(symbols),
        stack_(symbols, options.vectors, !options.phases_only) {}

  Result<ExplainedSample> account() {
    for (const WatchedEvent& event : watched_.events) {
      if (event.kind == TraceKind::run) {
        run(event);
      } else {
        waiting_.push_back(&event);
      }
    }
    close_span(watched_.response_ns - watched_.stimulus_ns);
    if (auto whole = check_cover(); !whole) return tl::unexpected(whole.error());
    find_phases();
    out_.sample = watched_.sample;
    out_.stimulus_ns = watched_.stimulus_ns;
    out_.latency_ns = watched_.response_ns - watched_.stimulus_ns;
    out_.functions = symbols_->names();
    out_.chains = stack_.take_chains();
    return std::move(out_);
  }

 private:
  std::uint32_t number_of(const TraceTask& task) {
    const auto [found, is_new] =
        tasks_.insert({{task.address, task.pid}, static_cast<std::uint32_t>(out_.tasks.size())});
    if (is_new) out_.tasks.push_back(explained(task));
    return found->second;
  }

  void enter(const TraceTask& task) {
    task_ = number_of(task);
    symbols_->enter_program(task.name, task.code);
  }

  // A block begins: what was noted since the one before happened at its begin.
  void run(const WatchedEvent& event) {
    const std::int64_t at_ns = event.at_ns - watched_.stimulus_ns;
    const WatchedBlock& block = blocks_[event.block];
    close_span(at_ns);
    // A switch is noted after the block that does it, so before the next: the chain is the new task's then.
    for (const WatchedEvent* noted : waiting_) note(*noted, at_ns);
    waiting_.clear();
    stack_.run(block);
    follow_handler(at_ns);
    if (note_vector_) {
      if (stack_.in_interrupt()) interrupts_.push_back(at_ns);
      note_vector_ = false;
    }
    open_ =
        Span{at_ns, at_ns, Phase::masked, task_, stack_.chain(), stack_.in_interrupt(), stack_.in_kernel()};
  }

  // The handler of an interrupt ends when the CPU is no longer in a function that it called.
  void follow_handler(std::int64_t at_ns) {
    if (handler_begins_) {
      handler_begins_ = false;
      handler_ = stack_.chain();
    } else if (handler_ != 0 && !stack_.is_within(handler_)) {
      handler_ = 0;
      add(TaskEvent::Kind::irq_exit, at_ns, 0).value = handler_number_;
    }
  }

  void close_span(std::int64_t at_ns) {
    if (!open_) return;
    open_->end_ns = at_ns;
    const bool merges = !out_.spans.empty() && out_.spans.back().task == open_->task &&
                        out_.spans.back().chain == open_->chain &&
                        out_.spans.back().interrupt == open_->interrupt &&
                        out_.spans.back().kernel == open_->kernel;
    if (merges) {
      out_.spans.back().end_ns = at_ns;
    } else if (at_ns > open_->begin_ns || out_.spans.empty()) {
      out_.spans.push_back(*open_);
    }
    open_.reset();
  }

  void note(const WatchedEvent& event, std::int64_t at_ns) {
    switch (event.kind) {
      case TraceKind::current:
        enter(task_in(event.words));
        break;
      case TraceKind::stack:
        stack_.replace(event.words);
        // Called before the stimulus came; its number is known when it returns.
        if (stack_.goes_through(system_call_handler)) calls_.insert(task_);
        break;
      case TraceKind::switched:
        note_switch(event, at_ns);
        break;
      case TraceKind::woken:
        add(TaskEvent::Kind::sched_wakeup, at_ns, number_of(task_in(event.words)));
        break;
      case TraceKind::vector:
        stack_.take_exception(event.words[0]);
        note_vector_ = true;
        break;
      case TraceKind::interrupt: {
        TaskEvent& entry = add(TaskEvent::Kind::irq_entry, at_ns, 0);
        entry.value = static_cast<std::int64_t>(event.words[0]);
        const char* name = reinterpret_cast<const char*>(&event.words[1]);
        entry.name = std::string(name, ::strnlen(name, 32));
        handler_number_ = entry.value;
        handler_begins_ = true;
        break;
      }
      case TraceKind::system_call:
        calls_.insert(task_);
        add(TaskEvent::Kind::sys_enter, at_ns, 0).value = static_cast<std::int64_t>(event.words[0]);
        break;
      case TraceKind::returns:
        if (calls_.erase(task_) > 0) {
          TaskEvent& exit = add(TaskEvent::Kind::sys_exit, at_ns, 0);
          exit.value = static_cast<std::int64_t>(event.words[1]);
          exit.result = static_cast<std::int64_t>(event.words[0]);
        }
        break;
      default:
        break;
    }
  }

  void note_switch(const WatchedEvent& event, std::int64_t at_ns) {
    const TraceTask from = task_in(event.words, 0);
    const TraceTask to = task_in(event.words, 1);
    task_ = number_of(from);
    add(TaskEvent::Kind::sched_switch, at_ns, number_of(to)).result = static_cast<std::int64_t>(from.state);
    enter(to);
  }

  TaskEvent& add(TaskEvent::Kind kind, std::int64_t at_ns, std::uint32_t other) {
    TaskEvent event;
    event.at_ns = at_ns;
    event.kind = kind;
    event.task = task_;
    event.other = other;
    out_.events.push_back(std::move(event));
    return out_.events.back();
  }

  Status check_cover() const {
    const std::int64_t latency_ns = watched_.response_ns - watched_.stimulus_ns;
    std::int64_t at_ns = 0;
    for (const Span& span : out_.spans) {
      if (span.begin_ns != at_ns || span.end_ns < span.begin_ns) break;
      at_ns = span.end_ns;
    }
    if (at_ns == latency_ns) return {};
    return fail(ErrorKind::data, fmt::format("sample {}: what was watched covers {} of its {} ns",
                                             watched_.sample, at_ns, latency_ns));
  }

  // When the line's interrupt thread and the payload were woken. The payload is who moved the pin.
  void find_phases() {
    const std::uint32_t payload = task_;
    std::int64_t payload_woken = -1;
    std::uint32_t thread = payload;
    for (const TaskEvent& event : out_.events) {
      if (event.kind != TaskEvent::Kind::sched_wakeup || event.other != payload || event.task == payload)
        continue;
      // The first one that an interrupt thread gave, or the first at all.
      const bool by_thread = out_.tasks[event.task].name.starts_with("irq/");
      if (payload_woken < 0 || by_thread) payload_woken = event.at_ns;
      if (!by_thread) continue;
      thread = event.task;
      break;
    }
    std::int64_t thread_woken = -1;
    for (const TaskEvent& event : out_.events) {
      if (thread == payload || event.at_ns > payload_woken || thread_woken >= 0) break;
      if (event.kind == TaskEvent::Kind::sched_wakeup && event.other == thread) thread_woken = event.at_ns;
    }
    const std::int64_t woken = thread_woken >= 0 ? thread_woken : payload_woken;
    std::int64_t taken = 0;  // the interrupt that woke the first of the two
    for (const std::int64_t at_ns : interrupts_) {
      if (at_ns <= woken) taken = at_ns;
    }
    cut_spans_at({taken, woken, payload_woken});
    for (Span& span : out_.spans) {
      span.phase = phase_of(span, payload, thread, taken, woken, payload_woken);
      out_.phase_ns[static_cast<std::size_t>(span.phase)] += span.end_ns - span.begin_ns;
    }
  }

  static Phase phase_of(const Span& span, std::uint32_t payload, std::uint32_t thread, std::int64_t taken,
                        std::int64_t woken, std::int64_t payload_woken) {
    if (span.begin_ns < taken) return Phase::masked;
    if (span.begin_ns < woken) return Phase::hard_interrupt;
    if (span.begin_ns < payload_woken)
      return span.task == thread && !span.interrupt ? Phase::interrupt_thread : Phase::waiting_thread;
    if (span.task != payload || span.interrupt) return Phase::waiting_payload;
    return span.kernel ? Phase::system_calls : Phase::payload;
  }

  // Spans merge over the moments at which a phase ends.
  void cut_spans_at(std::initializer_list<std::int64_t> moments) {
    for (const std::int64_t moment : moments) {
      for (std::size_t i = 0; i < out_.spans.size(); ++i) {
        if (out_.spans[i].begin_ns >= moment || out_.spans[i].end_ns <= moment) continue;
        Span rest = out_.spans[i];
        rest.begin_ns = moment;
        out_.spans[i].end_ns = moment;
        out_.spans.insert(out_.spans.begin() + static_cast<std::ptrdiff_t>(i) + 1, rest);
        break;
      }
    }
  }

  const WatchedSample& watched_;
  const std::vector<WatchedBlock>& blocks_;
  Symbols* symbols_;
  CallStack stack_;
  ExplainedSample out_;
  std::map<std::pair<std::uint64_t, std::uint32_t>, std::uint32_t> tasks_;
  std::set<std::uint32_t> calls_;  // the tasks that are in a system call
  std::vector<const WatchedEvent*> waiting_;
  std::vector<std::int64_t> interrupts_;  // when each was taken
  std::optional<Span> open_;
  bool note_vector_ = false;
  bool handler_begins_ = false;
  std::uint32_t handler_ = 0;  // the call chain of the interrupt handler that runs; 0: none
  std::int64_t handler_number_ = 0;
  std::uint32_t task_ = 0;
};

}  // namespace

Result<ExplainedSample> account_for(const WatchedSample& watched, const std::vector<WatchedBlock>& blocks,
                                    Symbols* symbols, const AccountOptions& options) {
  if (watched.given_up)
    return fail(ErrorKind::usage,
                fmt::format("sample {} was never answered, so it has no latency to explain", watched.sample));
  return Accountant(watched, blocks, symbols, options).account();
}

}  // namespace loopgate
