// QEMU's own functions that the instrument is built on, looked up by name in the running QEMU.
//
// They are no part of QEMU's plugin interface: they take opaque pointers and integers only, and were found
// exported alike in QEMU 7.2, 10.0 and 11.1. Each is looked up, and a missing one is named, so that a QEMU
// that lacks one is refused and never guessed at.
#pragma once

#include <cstdint>

#include "base/result.h"

namespace loopgate {

struct QemuObject;
struct QemuIrq;
struct QemuTimer;
struct QemuCpu;
struct QemuMutex;
struct QemuRamBlock;
struct QemuCondition;

using QemuLockFunction = void (*)(QemuMutex* mutex, const char* file, int line);
using QemuUnlockFunction = void (*)(QemuMutex* mutex, const char* file, int line);
using QemuWaitFunction = void (*)(QemuCondition* condition, QemuMutex* mutex, const char* file, int line);

struct QemuFunctions {
  QemuObject* (*object_resolve_path_type)(const char* path, const char* type, bool* ambiguous);
  QemuIrq* (*qdev_get_gpio_in)(QemuObject* device, int line);
  void (*qemu_set_irq)(QemuIrq* irq, int level);
  QemuIrq* (*qemu_allocate_irq)(void (*handler)(void* opaque, int line, int level), void* opaque, int line);
  QemuIrq* (*qdev_intercept_gpio_out)(QemuObject* device, QemuIrq* to, const char* name, int line);
  std::int64_t (*qemu_clock_get_ns)(int clock);
  std::int64_t (*icount_get_raw)();
  std::int64_t (*qemu_clock_deadline_ns_all)(int clock, int attributes);
  bool (*all_cpu_threads_idle)();
  void (*qemu_clock_enable)(int clock, bool enabled);
  void (*timer_init_full)(QemuTimer* timer, void* list_group, int clock, int scale, int attributes,
                          void (*fired)(void* opaque), void* opaque);
  void (*timer_mod_ns)(QemuTimer* timer, std::int64_t expire_ns);
  void (*timer_del)(QemuTimer* timer);
  std::uint64_t (*timer_expire_time_ns)(QemuTimer* timer);
  void (*timerlistgroup_init)(void* lists, void (*changed)(void* opaque, int clock), void* opaque);
  int (*vm_stop)(int run_state);
  void (*icount_update)(QemuCpu* cpu);
  QemuCpu* (*qemu_get_cpu)(int index);
  QemuRamBlock* (*qemu_ram_block_by_name)(const char* name);
  void (*qemu_ram_unset_migratable)(QemuRamBlock* block);
  void (*qemu_mutex_unlock_impl)(QemuMutex* mutex, const char* file, int line);
  void (*rcu_add_force_rcu_notifier)(void* notifier);
  void (*rcu_remove_force_rcu_notifier)(void* notifier);
  std::int64_t* timers_state;  // a variable: QEMU's clocks
  // Variables: QEMU calls what they point to.
  QemuLockFunction* bql_mutex_lock_func;
  QemuWaitFunction* qemu_cond_wait_func;

  // QEMU's thread-local variable: its address in the thread that asks.
  static QemuCpu** current_cpu_of_this_thread();

  // Fills all of them from the running process. The error names those missing.
  Status look_up();
};

// As QEMU lays it out since 3.1 (include/exec/memory.h).
struct QemuRegionFunctions {
  std::uint64_t (*read)(void* opaque, std::uint64_t offset, unsigned size) = nullptr;
  void (*write)(void* opaque, std::uint64_t offset, std::uint64_t value, unsigned size) = nullptr;
  void* with_attributes[2] = {};
  int endianness = 0;
  struct {
    unsigned least = 0;
    unsigned most = 0;
    bool unaligned = false;
    void* accepts = nullptr;
  } valid;
  struct {
    unsigned least = 0;
    unsigned most = 0;
    bool unaligned = false;
  } implemented;
  void* spare[8] = {};
};

// Those that a device of ours in the guest's memory needs besides: a PC's GPIO controller.
struct QemuMemoryFunctions {
  void (*memory_region_init_io)(void* region, void* owner, const QemuRegionFunctions* functions, void* opaque,
                                const char* name, std::uint64_t size);
  void* (*get_system_memory)();
  void (*memory_region_add_subregion)(void* region, std::uint64_t offset, void* part);
  void (*memory_region_init_ram)(void* region, void* owner, const char* name, std::uint64_t size,
                                 void* error);
  void* (*memory_region_get_ram_ptr)(void* region);

  Status look_up();
};

inline constexpr int qemu_clock_realtime = 0;
inline constexpr int qemu_clock_virtual = 1;
inline constexpr int qemu_clock_host = 2;
inline constexpr int qemu_run_state_paused = 4;

// A timer on one of QEMU's clocks. QEMU keeps its address, so it neither moves nor is copied.
class ClockTimer {
 public:
  using Fired = void (*)(void* opaque);
  ClockTimer(const QemuFunctions& qemu, int clock, Fired fired, void* opaque);
  ~ClockTimer();
  ClockTimer(const ClockTimer&) = delete;
  ClockTimer& operator=(const ClockTimer&) = delete;

  void arm_at(std::int64_t expire_ns);
  void disarm();

 private:
  QemuTimer* timer();

  const QemuFunctions& qemu_;
  // QEMUTimer is 56 bytes in QEMU 10; room to spare for a later one.
  alignas(16) unsigned char storage_[256] = {};
};

}  // namespace loopgate
