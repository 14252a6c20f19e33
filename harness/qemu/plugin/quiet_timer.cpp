#include "qemu/plugin/quiet_timer.h"

#include <limits>

namespace loopgate {
namespace {

constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();

}  // namespace

QuietTimer::QuietTimer(const QemuFunctions& qemu, Fired fired, void* opaque)
    : qemu_(qemu), fired_(fired), opaque_(opaque) {}

Status QuietTimer::begin() {
  auto* timer = reinterpret_cast<QemuTimer*>(timer_);
  const auto noticed = [](void* self, int clock) { static_cast<QuietTimer*>(self)->on_notice(clock); };
  qemu_.timerlistgroup_init(lists_, noticed, this);
  qemu_.timer_init_full(timer, lists_, qemu_clock_virtual, 1, 0, [](void*) {}, nullptr);
  qemu_.timer_mod_ns(timer, never_ns);
  if (end_is_where_it_is_written(timer)) {
    begun_ = true;
    return {};
  }
  return fail(ErrorKind::infrastructure, "this QEMU lays its timers out in another way",
              "use Debian's QEMU 10, or a board with one CPU");
}

// Looked at before anything is written there: in another layout that may be a pointer of QEMU's.
bool QuietTimer::end_is_where_it_is_written(QemuTimer* timer) {
  if (end_ns() != never_ns) return false;
  constexpr std::int64_t some_ns = 12'345;
  arm_at(some_ns);
  const bool as_expected = static_cast<std::int64_t>(qemu_.timer_expire_time_ns(timer)) == some_ns;
  disarm();
  return as_expected;
}

// QEMUTimer begins with the time at which it expires (include/qemu/timer.h).
void QuietTimer::arm_at(std::int64_t ns) {
  __atomic_store_n(reinterpret_cast<std::int64_t*>(timer_), ns, __ATOMIC_RELAXED);
}

void QuietTimer::disarm() { arm_at(never_ns); }

std::int64_t QuietTimer::end_ns() const {
  return __atomic_load_n(reinterpret_cast<const std::int64_t*>(timer_), __ATOMIC_RELAXED);
}

// QEMU tells all lists of a clock as one of its timers is due, before it runs those of the main loop.
void QuietTimer::on_notice(int clock) {
  if (!begun_ || fired_ == nullptr || clock != qemu_clock_virtual || end_ns() == never_ns) return;
  if (qemu_.qemu_clock_get_ns(qemu_clock_virtual) < end_ns()) return;
  disarm();
  fired_(opaque_);
}

}  // namespace loopgate
