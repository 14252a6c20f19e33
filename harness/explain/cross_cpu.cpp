#include "explain/cross_cpu.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "explain/sample/breakdown.h"

namespace loopgate {
namespace {

// In which a CPU goes round until another one has let go of a lock.
constexpr std::array<std::string_view, 9> spinning = {"queued_spin_lock_slowpath",
                                                      "native_queued_spin_lock_slowpath",
                                                      "queued_read_lock_slowpath",
                                                      "queued_write_lock_slowpath",
                                                      "osq_lock",
                                                      "mutex_spin_on_owner",
                                                      "rwsem_spin_on_owner",
                                                      "rtmutex_spin_on_owner",
                                                      "rt_mutex_adaptive_spin"};
// Until other CPUs have done what an IPI asked them to.
constexpr std::array<std::string_view, 3> calling = {"smp_call_function_many_cond",
                                                     "smp_call_function_single", "csd_lock_wait"};
// Until all CPUs have come to the same place, with interrupts off.
constexpr std::array<std::string_view, 2> stopping = {"multi_cpu_stop", "stop_machine_yield"};

constexpr std::array<std::string_view, 5> ipi_handlers = {
    "ipi_handler", "__sysvec_reschedule_ipi", "__sysvec_call_function", "__sysvec_call_function_single",
    "__sysvec_irq_work"};
// The architecture's way to send one: who calls it is who sends.
constexpr std::array<std::string_view, 6> ipi_senders = {
    "arch_smp_send_reschedule", "arch_send_call_function_single_ipi", "arch_send_call_function_ipi_mask",
    "arch_irq_work_raise",      "native_smp_send_reschedule",         "native_send_call_func_single_ipi"};
constexpr std::array<std::string_view, 6> idling = {"cpu_do_idle",         "default_idle",   "mwait_idle",
                                                    "pv_native_safe_halt", "acpi_safe_halt", "intel_idle"};

template <std::size_t count>
bool is_one_of(std::string_view name, const std::array<std::string_view, count>& names) {
  return std::ranges::find(names, name) != names.end();
}

class CrossCpus {
 public:
  explicit CrossCpus(const ExplainedSample& sample) : sample_(sample) {}

  std::vector<CrossCpu> all() {
    if (sample_.lanes.empty()) return {};
    for (const Span& span : sample_.spans) follow(span);
    close();
    add_wake_ups();
    std::ranges::stable_sort(found_, {}, &CrossCpu::begin_ns);
    return std::move(found_);
  }

 private:
  std::string_view function_of(const Span& span) const {
    return sample_.functions[sample_.chains[span.chain].function];
  }

  // What the span is of a dependence on another CPU; nothing where it is none.
  std::optional<CrossCpu::Kind> kind_of(const Span& span) const {
    const std::string_view function = function_of(span);
    if (is_one_of(function, spinning)) return CrossCpu::Kind::lock;
    if (is_one_of(function, calling)) return CrossCpu::Kind::call;
    if (is_one_of(function, stopping)) return CrossCpu::Kind::stop;
    if (span.interrupt && node_within(span.chain, ipi_handlers) != 0) return CrossCpu::Kind::ipi;
    return std::nullopt;
  }

  // The innermost node of the chain that is one of these functions; 0 where there is none.
  template <std::size_t count>
  std::uint32_t node_within(std::uint32_t chain, const std::array<std::string_view, count>& names) const {
    while (chain != 0 && !is_one_of(sample_.functions[sample_.chains[chain].function], names))
      chain = sample_.chains[chain].parent;
    return chain;
  }

  // Spans of one kind on one CPU that follow each other are one.
  void follow(const Span& span) {
    if (span.end_ns == span.begin_ns) return;
    const auto kind = kind_of(span);
    const bool goes_on =
        open_ && kind == open_->kind && open_->cpu == span.cpu && open_->end_ns == span.begin_ns;
    if (goes_on) {
      open_->end_ns = span.end_ns;
      return;
    }
    close();
    if (kind) open_ = CrossCpu{*kind, span.begin_ns, span.end_ns, span.cpu, span.task, span.chain, {}};
  }

  void close() {
    if (!open_) return;
    if (open_->kind == CrossCpu::Kind::ipi)
      add_sender(&*open_);
    else
      add_others(&*open_);
    found_.push_back(std::move(*open_));
    open_.reset();
  }

  // What each other CPU did for most of that time, besides being idle.
  void add_others(CrossCpu* wait) const {
    std::map<std::uint16_t, std::map<std::pair<std::uint32_t, std::uint32_t>, std::int64_t>> ns;
    for (const Span& span : sample_.lanes) {
      const std::int64_t both_ns =
          std::min(span.end_ns, wait->end_ns) - std::max(span.begin_ns, wait->begin_ns);
      if (span.cpu == wait->cpu || both_ns <= 0 || is_one_of(function_of(span), idling)) continue;
      ns[span.cpu][{span.task, span.chain}] += both_ns;
    }
    for (const auto& [cpu, by_place] : ns) {
      const auto most = std::ranges::max_element(by_place, {}, [](const auto& each) { return each.second; });
      wait->others.push_back({cpu, most->first.first, most->first.second});
    }
  }

  // Who sent last before it was handled.
  void add_sender(CrossCpu* ipi) const {
    const Span* last = nullptr;
    std::uint32_t sends = 0;
    for (const Span& span : sample_.lanes) {
      if (span.cpu == ipi->cpu || span.begin_ns > ipi->begin_ns) continue;
      const std::uint32_t node = node_within(span.chain, ipi_senders);
      if (node == 0 || (last != nullptr && span.begin_ns < last->begin_ns)) continue;
      last = &span;
      sends = node;
    }
    if (last != nullptr) ipi->others.push_back({last->cpu, last->task, sends});
  }

  // A task of the way that had slept on its way and was woken from another CPU: who held what it waited for.
  void add_wake_ups() {
    for (const TaskEvent& event : sample_.events) {
      if (event.kind != TaskEvent::Kind::sched_wakeup || !has_run_before(event.other, event.at_ns)) continue;
      const Span* waits = on_way_at(event.at_ns);
      if (waits == nullptr || waits->cpu == event.waking.cpu || runs_next(event.at_ns) != event.other)
        continue;
      CrossCpu woken{CrossCpu::Kind::wake_up, event.at_ns, event.at_ns, waits->cpu, event.other, 0, {}};
      woken.others.push_back(
          {event.waking.cpu, event.waking.task, chain_at(event.waking.cpu, event.waking.at_ns)});
      found_.push_back(std::move(woken));
    }
  }

  bool has_run_before(std::uint32_t task, std::int64_t at_ns) const {
    return std::ranges::any_of(sample_.spans, [&](const Span& span) {
      return span.task == task && span.begin_ns < at_ns && !span.interrupt;
    });
  }

  const Span* on_way_at(std::int64_t at_ns) const {
    for (const Span& span : sample_.spans)
      if (span.begin_ns <= at_ns && at_ns < span.end_ns) return &span;
    return nullptr;
  }

  // The next task of the way that is neither the one that holds the CPU at that moment nor an interrupt's.
  std::optional<std::uint32_t> runs_next(std::int64_t at_ns) const {
    const Span* held = on_way_at(at_ns);
    for (const Span& span : sample_.spans)
      if (span.begin_ns > at_ns && span.task != held->task && !span.interrupt) return span.task;
    return std::nullopt;
  }

  std::uint32_t chain_at(std::uint16_t cpu, std::int64_t at_ns) const {
    for (const Span& span : sample_.lanes)
      if (span.cpu == cpu && span.begin_ns <= at_ns && at_ns < span.end_ns) return span.chain;
    return 0;
  }

  const ExplainedSample& sample_;
  std::optional<CrossCpu> open_;
  std::vector<CrossCpu> found_;
};

}  // namespace

std::vector<CrossCpu> cross_cpu_of(const ExplainedSample& sample) { return CrossCpus(sample).all(); }

}  // namespace loopgate
