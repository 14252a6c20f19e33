#include "qemu/plugin/cpu_turns.h"

#include <cstring>
#include <limits>
#include <string_view>

namespace loopgate {
namespace {

constexpr std::int64_t far_away_ns = std::numeric_limits<std::int64_t>::max();

// Where QEMU takes its lock before and after each turn.
constexpr std::string_view turns_source = "tcg-accel-ops-rr.c";

constexpr int all_timers = ~0;  // QEMU_TIMER_ATTR_ALL

void ignore_change(void*, int) {}

void ignore_rcu(QemuNotifier*, void*) {}

}  // namespace

CpuTurns::CpuTurns(const QemuFunctions& qemu, const TurnSettings& settings)
    : qemu_(qemu), settings_(settings) {}

Status CpuTurns::begin() {
  auto* timer = reinterpret_cast<QemuTimer*>(timer_);
  qemu_.timerlistgroup_init(lists_, &ignore_change, nullptr);
  qemu_.timer_init_full(timer, lists_, qemu_clock_virtual, 1, 0, [](void*) {}, nullptr);
  qemu_.timer_mod_ns(timer, far_away_ns);
  // Its end is written where QEMU keeps it: timer_mod_ns() for each turn would take as long as the turn.
  constexpr std::int64_t some_ns = 12'345;
  set_end(some_ns);
  const bool as_expected = static_cast<std::int64_t>(qemu_.timer_expire_time_ns(timer)) == some_ns;
  set_end(far_away_ns);
  if (as_expected) return {};
  return fail(ErrorKind::infrastructure, "this QEMU lays its timers out in another way",
              "use Debian's QEMU 10, or a board with one CPU");
}

void CpuTurns::enter() {
  // The CPUs' thread has one notifier when its CPUs begin, QEMU's own, which then stands behind this one.
  if (rcu_.notify != nullptr) return;  // once for all CPUs
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

void CpuTurns::next() {
  const std::int64_t now_ns = qemu_.qemu_clock_get_ns(qemu_clock_virtual);
  if (began_ns_ >= 0 && now_ns - began_ns_ > longest_ns_) longest_ns_ = now_ns - began_ns_;
  began_ns_ = now_ns;
  set_end(now_ns + settings_.cpus * settings_.slice_ns);
}

void CpuTurns::idle() {
  began_ns_ = -1;
  set_end(far_away_ns);
}

// QEMUTimer begins with the time at which it expires (include/qemu/timer.h).
void CpuTurns::set_end(std::int64_t ns) {
  __atomic_store_n(reinterpret_cast<std::int64_t*>(timer_), ns, __ATOMIC_RELAXED);
}

}  // namespace loopgate
