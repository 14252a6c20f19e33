#include "qemu/plugin/cpu_turns.h"

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace loopgate {
namespace {

// Where QEMU takes its lock before and after each turn.
constexpr std::string_view turns_source = "tcg-accel-ops-rr.c";

constexpr std::ptrdiff_t words_of_timers_state = 12;

constexpr int all_timers = ~0;  // QEMU_TIMER_ATTR_ALL

void ignore_rcu(QemuNotifier*, void*) {}

}  // namespace

CpuTurns::CpuTurns(const QemuFunctions& qemu, const TurnSettings& settings)
    : qemu_(qemu), settings_(settings), end_(qemu), cpus_(static_cast<std::size_t>(settings.cpus)) {}

void CpuTurns::enter() {
  // The CPUs' thread has one notifier when its CPUs begin, QEMU's own, which then stands behind this one.
  if (rcu_.notify != nullptr) return;  // once for all CPUs
  bias_ns_ = find_bias();
  rcu_.notify = &ignore_rcu;
  qemu_.rcu_add_force_rcu_notifier(&rcu_);
  if (rcu_.next != nullptr) qemu_.rcu_remove_force_rcu_notifier(rcu_.next);
}

bool CpuTurns::is_between(const char* file) {
  if (file != turns_file_ && std::string_view(file).ends_with(turns_source)) turns_file_ = file;
  return file == turns_file_;
}

bool CpuTurns::main_loop_is_free() {
  if (qemu_.qemu_clock_deadline_ns_all(qemu_clock_realtime, all_timers) >= 0) disturbed_ = true;
  return !qemu_.all_cpu_threads_idle() &&
         qemu_.qemu_clock_deadline_ns_all(qemu_clock_virtual, all_timers) != 0;
}

void CpuTurns::next(int line, const QemuCpu* ran) {
  if (first_line_ == 0) first_line_ = line;
  std::int64_t now_ns = qemu_.qemu_clock_get_ns(qemu_clock_virtual);
  const std::int64_t turn_ns = now_ns - began_ns_;
  if (began_ns_ >= 0 && line != first_line_) {
    longest_ns_ = std::max(longest_ns_, turn_ns);
    if (const std::int64_t ns = others_share(ran, turn_ns); ns > 0) {
      *bias_ns_ += ns;
      now_ns += ns;
    }
  }
  began_ns_ = now_ns;
  end_.arm_at(now_ns + settings_.cpus * settings_.slice_ns);
}

// Each CPU has the same speed, whether others are busy or idle: 1 / cpus of the clock's.
std::int64_t CpuTurns::others_share(const QemuCpu* ran, std::int64_t turn_ns) {
  const auto is_its = [&](const Cpu& each) { return each.cpu == ran || each.cpu == nullptr; };
  const auto own = std::ranges::find_if(cpus_, is_its);
  if (own == cpus_.end() || bias_ns_ == nullptr) return 0;
  *own = {ran, turn_ns};
  std::int64_t share_ns = 0;
  for (const Cpu& each : cpus_) share_ns += std::max<std::int64_t>(turn_ns - each.turn_ns, 0);
  if (share_ns == 0) return 0;
  // No timer is jumped over.
  const std::int64_t next_ns = qemu_.qemu_clock_deadline_ns_all(qemu_clock_virtual, all_timers);
  return next_ns < 0 ? share_ns : std::min(share_ns, next_ns);
}

// By what it does: it moves the clock, and is no count of instructions. None runs meanwhile.
std::int64_t* CpuTurns::find_bias() const {
  constexpr std::int64_t some_ns = 1'000;
  const auto clock_ns = [&] { return qemu_.qemu_clock_get_ns(qemu_clock_virtual); };
  for (std::int64_t* word = qemu_.timers_state; word != qemu_.timers_state + words_of_timers_state; ++word) {
    const std::int64_t before_ns = clock_ns();
    const std::int64_t instructions = qemu_.icount_get_raw();
    *word += some_ns;
    const bool moved = clock_ns() == before_ns + some_ns && qemu_.icount_get_raw() == instructions;
    *word -= some_ns;
    if (moved) return word;
  }
  return nullptr;
}

void CpuTurns::idle() {
  began_ns_ = -1;
  end_.disarm();
}

}  // namespace loopgate
