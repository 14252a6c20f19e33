#include "qemu/plugin/lock_probe.h"

#include <algorithm>

#include "qemu/plugin/trace_host.h"

namespace loopgate {

void LockProbe::on_translate(qemu_plugin_tb* translated, TracedBlock* block) {
  const bool takes = std::ranges::find(functions_.take, block->address) != functions_.take.end();
  if (!takes && std::ranges::find(functions_.give, block->address) == functions_.give.end()) return;
  called_.push_back({this, block, takes});
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
  if (!called.takes) {
    if (auto closed = locks_.give(lock, at_ns)) {
      closed->cpu = cpu;
      listener_->on_closed(*closed);
    }
    return listener_->on_held(locks_.held());
  }
  const std::uint64_t address = called.block->address;
  const std::uint64_t taken_by = host_->stacks().caller(address, registers);
  auto opened = locks_.take(lock, taken_by, real_time_[cpu], at_ns);
  listener_->on_held(locks_.held());
  if (!opened || !listener_->listens(host_->block_end_ns())) return;
  opened->cpu = cpu;
  const std::uint64_t callers = host_->stacks().digest_of_callers(address, registers);
  if (listener_->on_opened(*opened, callers)) listener_->send_after(host_->block_end_ns());
}

void LockProbe::on_switch(unsigned cpu, std::uint64_t, std::uint64_t to) {
  while (real_time_.size() <= cpu) real_time_.push_back(false);
  real_time_[cpu] = host_->kernel().task(to).priority < real_time_priorities;
  locks_.switched();
}

void LockProbe::on_pin(const PinEvent& event) {
  locks_.set_under_way(event.edge == PinEvent::Edge::stimulus);
}

}  // namespace loopgate
