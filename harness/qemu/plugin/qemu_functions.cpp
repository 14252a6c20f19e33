#include "qemu/plugin/qemu_functions.h"

#include <dlfcn.h>

namespace loopgate {
namespace {

// Calls `visit(name, pointer to the member)` for each function: the one list of them.
template <class Visit>
void for_each_function(QemuFunctions* f, Visit&& visit) {
  visit("object_resolve_path_type", &f->object_resolve_path_type);
  visit("qdev_get_gpio_in", &f->qdev_get_gpio_in);
  visit("qemu_set_irq", &f->qemu_set_irq);
  visit("qemu_allocate_irq", &f->qemu_allocate_irq);
  visit("qdev_intercept_gpio_out", &f->qdev_intercept_gpio_out);
  visit("qemu_clock_get_ns", &f->qemu_clock_get_ns);
  visit("qemu_clock_enable", &f->qemu_clock_enable);
  visit("timer_init_full", &f->timer_init_full);
  visit("timer_mod_ns", &f->timer_mod_ns);
  visit("timer_del", &f->timer_del);
  visit("vm_stop", &f->vm_stop);
  visit("icount_update", &f->icount_update);
  visit("qemu_mutex_unlock_impl", &f->qemu_mutex_unlock_impl);
  visit("bql_mutex_lock_func", &f->bql_mutex_lock_func);
  visit("qemu_cond_wait_func", &f->qemu_cond_wait_func);
}

}  // namespace

std::vector<std::string> QemuFunctions::look_up() {
  std::vector<std::string> missing;
  for_each_function(this, [&]<class F>(const char* name, F* function) {
    *function = reinterpret_cast<F>(::dlsym(RTLD_DEFAULT, name));
    if (*function == nullptr) missing.emplace_back(name);
  });
  if (current_cpu_of_this_thread() == nullptr) missing.emplace_back("current_cpu");
  return missing;
}

QemuCpu** QemuFunctions::current_cpu_of_this_thread() {
  thread_local auto* const address = static_cast<QemuCpu**>(::dlsym(RTLD_DEFAULT, "current_cpu"));
  return address;
}

ClockTimer::ClockTimer(const QemuFunctions& qemu, int clock, Fired fired, void* opaque) : qemu_(qemu) {
  qemu_.timer_init_full(timer(), nullptr, clock, 1, 0, fired, opaque);
}

ClockTimer::~ClockTimer() { disarm(); }

void ClockTimer::arm_at(std::int64_t expire_ns) { qemu_.timer_mod_ns(timer(), expire_ns); }

void ClockTimer::disarm() { qemu_.timer_del(timer()); }

QemuTimer* ClockTimer::timer() { return reinterpret_cast<QemuTimer*>(storage_); }

}  // namespace loopgate
