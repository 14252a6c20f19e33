#include "qemu/plugin/lock_probe.h"

#include <algorithm>
#include <utility>

#include "qemu/plugin/section_probe.h"
#include "qemu/plugin/trace_host.h"

namespace loopgate {
namespace {

// rt_mutex_base.owner: a task's address, whose lowest bits say something else (RT_MUTEX_HAS_WAITERS).
constexpr std::uint64_t owner_flags = 7;

// A task's state while it waits for a lock that is a spinlock by name: TASK_RTLOCK_WAIT,
// include/linux/sched.h of Linux 5.15 and later.
constexpr std::uint64_t waits_for_spinlock = 0x1000;

}  // namespace

void LockProbe::on_translate(qemu_plugin_tb* translated, TracedBlock* block) {
  const auto takes = std::ranges::find(functions_.take, block->address, &TakingFunction::address);
  const bool is_take = takes != functions_.take.end();
  if (!is_take && std::ranges::find(functions_.give, block->address) == functions_.give.end()) return;
  called_.push_back({this, block, is_take ? &*takes : nullptr});
  qemu_plugin_register_vcpu_tb_exec_cb(
      translated,
      [](unsigned, void* user) {
        const auto* called = static_cast<const Function*>(user);
        called->probe->on_call(called->probe->host_->running_cpu(), *called);
      },
      QEMU_PLUGIN_CB_R_REGS, &called_.back());
}

void LockProbe::on_call(unsigned cpu, const Function& called) {
  GuestRegisters* registers = host_->registers(cpu);
  if (registers == nullptr || cpu >= real_time_.size()) return;
  const std::uint64_t lock = registers->argument(0);
  const std::int64_t at_ns = host_->block_end_ns() - called.block->instructions;
  if (called.takes == nullptr) return on_give(cpu, lock, at_ns);
  const std::uint64_t address = called.block->address;
  on_take(cpu,
          {lock, lock + called.takes->owner, {address, host_->stacks().caller(address, registers)}, at_ns},
          registers);
}

void LockProbe::on_give(unsigned cpu, std::uint64_t lock, std::int64_t at_ns) {
  waits_.give(host_->current_task(cpu), lock);
  if (listener_ == nullptr) return;
  if (auto closed = locks_.give(lock, at_ns)) {
    closed->cpu = cpu;
    listener_->on_closed(*closed);
  }
  listener_->on_held(locks_.held());
}

void LockProbe::on_take(unsigned cpu, const LockCall& call, GuestRegisters* registers) {
  waits_.take(host_->current_task(cpu), call);
  if (listener_ == nullptr) return;
  auto opened = locks_.take(call.lock, call.place.link, real_time_[cpu], call.at_ns);
  listener_->on_held(locks_.held());
  if (!opened || !listener_->listens(host_->block_end_ns())) return;
  opened->cpu = cpu;
  const std::uint64_t callers = host_->stacks().digest_of_callers(call.place.address, registers);
  if (listener_->on_opened(*opened, callers)) listener_->send_after(host_->block_end_ns());
}

// Who has a lock that a task waits for. One that was given back goes to the first of those that wait. A
// writer has it itself while it waits for readers, who are not known.
TraceTask LockProbe::holder_of(const LockCall& call, std::uint64_t owner, std::uint64_t waiter) {
  if (owner == 0) return waits_.next_for(call.lock);
  return host_->kernel().task(owner == waiter ? 0 : owner);
}

// A real-time task that leaves the CPU in a call waits, unless it has the lock already.
void LockProbe::leave(unsigned cpu, std::uint64_t task, std::int64_t at_ns) {
  GuestKernel& kernel = host_->kernel();
  GuestRegisters* registers = host_->registers(cpu);
  if (registers == nullptr || kernel.priority(task) >= real_time_priorities) return;
  auto chain = host_->stacks().callers(host_->switch_function(), registers);
  const LockCall* call = waits_.call_in(task, chain);
  if (call == nullptr) return;
  const TraceTask waiter = kernel.task(task);
  const std::uint64_t owner = kernel.number(call->owner_at) & ~owner_flags;
  const bool by_another = owner != 0 && owner != task;
  if (!by_another && (waiter.state & waits_for_spinlock) == 0) return;
  waits_.leave(waiter, *call, holder_of(*call, owner, task), at_ns, std::move(chain));
  recorder_->begin_wait();
}

void LockProbe::on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) {
  const std::int64_t at_ns = host_->block_end_ns() - host_->switch_block_instructions();
  if (waits_.may_be_in_call(from)) leave(cpu, from, at_ns);
  if (const auto wait = waits_.resume(to, at_ns)) recorder_->end_wait(cpu, *wait);
  while (real_time_.size() <= cpu) real_time_.push_back(false);
  real_time_[cpu] = host_->kernel().priority(to) < real_time_priorities;
  locks_.switched();
}

void LockProbe::on_pin(const PinEvent& event) {
  locks_.set_under_way(event.edge == PinEvent::Edge::stimulus);
}

}  // namespace loopgate
