#include "qemu/plugin/qemu_functions.h"

#include <dlfcn.h>

#include <string>

namespace loopgate {
namespace {

// Each calls `visit(name, pointer to the member)` for each function: the one list of them.
template <class Visit>
void for_each_function(QemuMemoryFunctions* f, Visit&& visit) {
  visit("memory_region_init_io", &f->memory_region_init_io);
  visit("get_system_memory", &f->get_system_memory);
  visit("memory_region_add_subregion", &f->memory_region_add_subregion);
  visit("memory_region_init_ram", &f->memory_region_init_ram);
  visit("memory_region_get_ram_ptr", &f->memory_region_get_ram_ptr);
}

template <class Visit>
void for_each_function(QemuFunctions* f, Visit&& visit) {
  visit("object_resolve_path_type", &f->object_resolve_path_type);
  visit("qdev_get_gpio_in", &f->qdev_get_gpio_in);
  visit("qemu_set_irq", &f->qemu_set_irq);
  visit("qemu_allocate_irq", &f->qemu_allocate_irq);
  visit("qdev_intercept_gpio_out", &f->qdev_intercept_gpio_out);
  visit("qemu_clock_get_ns", &f->qemu_clock_get_ns);
  visit("icount_get_raw", &f->icount_get_raw);
  visit("timers_state", &f->timers_state);
  visit("qemu_clock_deadline_ns_all", &f->qemu_clock_deadline_ns_all);
  visit("all_cpu_threads_idle", &f->all_cpu_threads_idle);
  visit("qemu_clock_enable", &f->qemu_clock_enable);
  visit("timer_init_full", &f->timer_init_full);
  visit("timer_mod_ns", &f->timer_mod_ns);
  visit("timer_del", &f->timer_del);
  visit("timer_expire_time_ns", &f->timer_expire_time_ns);
  visit("timerlistgroup_init", &f->timerlistgroup_init);
  visit("vm_stop", &f->vm_stop);
  visit("icount_update", &f->icount_update);
  visit("qemu_get_cpu", &f->qemu_get_cpu);
  visit("qemu_ram_block_by_name", &f->qemu_ram_block_by_name);
  visit("qemu_ram_unset_migratable", &f->qemu_ram_unset_migratable);
  visit("qemu_mutex_unlock_impl", &f->qemu_mutex_unlock_impl);
  visit("rcu_add_force_rcu_notifier", &f->rcu_add_force_rcu_notifier);
  visit("rcu_remove_force_rcu_notifier", &f->rcu_remove_force_rcu_notifier);
  visit("bql_mutex_lock_func", &f->bql_mutex_lock_func);
  visit("qemu_cond_wait_func", &f->qemu_cond_wait_func);
}

// Fills them, and returns the names of those missing, each after a space.
template <class Functions>
std::string fill(Functions* functions) {
  std::string missing;
  for_each_function(functions, [&]<class F>(const char* name, F* function) {
    *function = reinterpret_cast<F>(::dlsym(RTLD_DEFAULT, name));
    if (*function == nullptr) missing += std::string(" ") + name;
  });
  return missing;
}

Status refuse(const std::string& missing) {
  if (missing.empty()) return {};
  return fail(ErrorKind::infrastructure, "this QEMU does not export" + missing,
              "use Debian's QEMU 10 (see loopgate doctor)");
}

}  // namespace

Status QemuFunctions::look_up() {
  std::string missing = fill(this);
  if (current_cpu_of_this_thread() == nullptr) missing += " current_cpu";
  return refuse(missing);
}

Status QemuMemoryFunctions::look_up() { return refuse(fill(this)); }

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
