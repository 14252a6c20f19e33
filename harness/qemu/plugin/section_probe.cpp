#include "qemu/plugin/section_probe.h"

#include <algorithm>
#include <array>
#include <utility>

#include "qemu/plugin/trace_host.h"

namespace loopgate {
namespace {

// include/linux/preempt.h, of every kernel since 4.x
constexpr std::uint32_t softirq_bits = 0x0000ff00;
constexpr std::uint32_t hardirq_bits = 0x000f0000;

// x86 keeps one that is no count (inverted): that the task is to leave the CPU.
constexpr std::uint32_t need_resched_bit = 0x80000000;

}  // namespace

SectionProbe::SectionProbe(const TraceSettings& settings, TraceHost* host, SectionListener* listener,
                           SectionWriter writer)
    : settings_(settings),
      host_(host),
      listener_(listener),
      writer_(std::move(writer)),
      count_(host->ops(), settings.sections,
             [host](auto address, auto* out, auto size) { return host->kernel().read(address, out, size); }),
      preemptible_(settings.sections.preemptible),
      changed_(qemu_plugin_scoreboard_new(sizeof(std::uint64_t))) {}

SectionProbe::~SectionProbe() { qemu_plugin_scoreboard_free(changed_); }

Result<std::unique_ptr<SectionProbe>> SectionProbe::create(const TraceSettings& settings, TraceHost* host,
                                                           SectionListener* listener) {
  TRY(writer, SectionWriter::create(settings.file, settings.sections.windows_at_most));
  return std::unique_ptr<SectionProbe>(new SectionProbe(settings, host, listener, std::move(writer)));
}

// Which kinds of windows a preempt count means.
std::array<bool, 3> SectionProbe::kinds_of(std::uint32_t count) const {
  return {(count & hardirq_bits) != 0, (count & softirq_bits) != 0,
          preemptible_ && (count & ~need_resched_bit) != 0};
}

SectionProbe::Instruction& SectionProbe::keep(Instruction heard) {
  instructions_.push_back(heard);
  instructions_.back().number = instructions_.size();
  return instructions_.back();
}

// Where the kernel chose its model as it booted, that is known only later.
bool SectionProbe::may_be_opportunity(std::uint64_t address) const {
  const SectionSettings& sections = settings_.sections;
  return (!sections.preemptible || settings_.kernel.preempt_jump != 0) &&
         std::ranges::find(sections.opportunities, address) != sections.opportunities.end();
}

// QEMU carries a block's callbacks out in the order in which they were asked for: a block first looks at what
// the one before it changed, then says that it changes something itself.
void SectionProbe::on_translate(qemu_plugin_tb* translated, TracedBlock* block) {
  several_ = qemu_plugin_num_vcpus() > 1;
  Instruction& whole = keep({this, block, 0, block->address, 0, 0});
  const auto look = [](unsigned, void* user) {
    const auto* at = static_cast<const Instruction*>(user);
    at->probe->on_begin(*at->block);
  };
  if (several_ || block->entry != KernelEntry::none) {
    qemu_plugin_register_vcpu_tb_exec_cb(translated, look, QEMU_PLUGIN_CB_R_REGS, &whole);
  } else {
    qemu_plugin_register_vcpu_tb_exec_cond_cb(translated, look, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_COND_NE,
                                              {changed_, 0}, 0, &whole);
  }
  if (may_be_opportunity(block->address))
    qemu_plugin_register_vcpu_tb_exec_cb(
        translated,
        [](unsigned, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          at->probe->on_opportunity(*at->block);
        },
        QEMU_PLUGIN_CB_R_REGS, &whole);
  if (!host_->ops().is_user(block->address)) hear_instructions(translated, *block);
}

void SectionProbe::hear_instructions(qemu_plugin_tb* translated, const TracedBlock& block) {
  for (std::uint32_t index = 0; index < block.instructions; ++index) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(translated, index);
    std::array<std::uint8_t, longest_instruction> bytes{};
    const std::size_t size = qemu_plugin_insn_data(instruction, bytes.data(), bytes.size());
    const std::span<const std::uint8_t> code(bytes.data(), size);
    const Instruction heard{
        this, &block, index, qemu_plugin_insn_vaddr(instruction), static_cast<std::uint32_t>(size), 0};
    if (host_->ops().changes_interrupt_mask(first_bytes(code)))
      hear_change(translated, keep(heard));
    else
      hear(instruction, heard, code);
  }
}

// Looks where the change is made: at the instruction behind it, or as the next block begins.
void SectionProbe::hear_change(qemu_plugin_tb* translated, Instruction& heard) {
  const bool last = heard.index + 1 == heard.block->instructions;
  if (!last) {
    qemu_plugin_register_vcpu_insn_exec_cb(
        qemu_plugin_tb_get_insn(translated, heard.index + 1),
        [](unsigned, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          at->probe->on_change(*at);
        },
        QEMU_PLUGIN_CB_R_REGS, &heard);
  } else if (several_) {
    qemu_plugin_register_vcpu_insn_exec_cb(
        qemu_plugin_tb_get_insn(translated, heard.index),
        [](unsigned, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          at->probe->set_changed(at->probe->host_->running_cpu(), at->number);
        },
        QEMU_PLUGIN_CB_NO_REGS, &heard);
  } else {
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(translated, QEMU_PLUGIN_INLINE_STORE_U64, {changed_, 0},
                                                      heard.number);
  }
}

void SectionProbe::hear(qemu_plugin_insn* instruction, const Instruction& heard,
                        std::span<const std::uint8_t> code) {
  const ArchOps& ops = host_->ops();
  if (count_.may_store(heard.address, code)) {
    qemu_plugin_register_vcpu_mem_cb(
        instruction,
        [](unsigned, qemu_plugin_meminfo_t stored, std::uint64_t address, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          const unsigned cpu = at->probe->host_->running_cpu();
          if (at->probe->cpu_at(cpu).count_at == address)
            at->probe->on_count(cpu, *at, qemu_plugin_mem_get_value(stored).data.u32);
        },
        QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_MEM_W, &keep(heard));
  } else if (ops.waits_for_interrupt(first_bytes(code))) {
    qemu_plugin_register_vcpu_insn_exec_cb(
        instruction,
        [](unsigned, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          at->probe->on_wait(*at);
        },
        QEMU_PLUGIN_CB_NO_REGS, &keep(heard));
  } else if (ops.masks_priorities(first_bytes(code))) {
    qemu_plugin_register_vcpu_insn_exec_cb(
        instruction,
        [](unsigned, void* user) { ++static_cast<const Instruction*>(user)->probe->end_.priority_masks; },
        QEMU_PLUGIN_CB_NO_REGS, &keep(heard));
  }
}

SectionProbe::Cpu& SectionProbe::cpu_at(unsigned cpu) {
  while (cpus_.size() <= cpu) cpus_.emplace_back();
  return cpus_[cpu];
}

std::uint64_t SectionProbe::changed(unsigned cpu) {
  return several_ ? cpu_at(cpu).changed : qemu_plugin_u64_get({changed_, 0}, cpu);
}

void SectionProbe::set_changed(unsigned cpu, std::uint64_t number) {
  if (several_)
    cpu_at(cpu).changed = number;
  else
    qemu_plugin_u64_set({changed_, 0}, cpu, number);
}

// In a callback the clock stands at the end of the running block, whose instructions are all taken already.
std::int64_t SectionProbe::time_before(const TracedBlock& block, std::uint32_t index) const {
  return host_->block_end_ns() - (block.instructions - index);
}

// The running task and its preempt count, once the CPU is in the kernel and past its entry; or by its next
// switch.
bool SectionProbe::learn(Cpu* state, GuestRegisters* registers, const TracedBlock& block) {
  if (state->task != 0) return true;
  if (host_->ops().kernel_task.empty() || host_->ops().is_user(block.address) ||
      host_->ops().in_vectors(settings_.kernel, block.address))
    return false;
  take_task(state, registers, registers->kernel_task());
  state->count = host_->kernel().word(state->count_at);
  return true;
}

std::int32_t SectionProbe::take_task(Cpu* state, GuestRegisters* registers, std::uint64_t address) {
  const TraceTask task = host_->kernel().task(address);
  state->task = address;
  state->number = number_of(task);
  state->count_at = count_.address_of(address, registers->per_cpu());
  return task.priority;
}

std::uint32_t SectionProbe::number_of(const TraceTask& task) {
  return writer_.task(task.pid, task.priority, {task.name, sizeof(task.name)});
}

// The instruction that changed the state, or where an exception came in. An exception return has no caller.
SectionPlace SectionProbe::changed_at(std::uint64_t number, std::uint64_t here,
                                      GuestRegisters* registers) const {
  if (number == 0) return {here, 0};
  const Instruction& changed = instructions_[number - 1];
  const bool returns = changed.index + 1 == changed.block->instructions &&
                       host_->ops().is_exception_return(changed.block->last_opcode);
  return {changed.address, returns ? 0 : host_->stacks().caller(here, registers)};
}

// A block begins behind an instruction that may have changed the state, or with an exception.
void SectionProbe::on_begin(const TracedBlock& block) {
  const unsigned cpu = host_->running_cpu();
  const std::uint64_t number = changed(cpu);
  if (number == 0 && block.entry == KernelEntry::none) return;
  GuestRegisters* registers = host_->registers(cpu);
  Cpu& state = cpu_at(cpu);
  if (registers == nullptr || !learn(&state, registers, block)) return;
  set_changed(cpu, 0);
  state.here = block.address;
  const SectionMoment behind{time_before(block, 0), changed_at(number, block.address, registers),
                             state.number};
  const bool exception = block.entry != KernelEntry::none;
  const SectionMoment now =
      exception ? SectionMoment{behind.at_ns, {block.address, 0}, state.number} : behind;
  const auto slept_since = std::exchange(state.asleep_since_ns, std::nullopt);
  if (slept_since && now.at_ns > *slept_since) state.windows.slept(*slept_since, behind);
  // An interrupt is taken where none is masked, even if that was so for no time at all.
  if (block.entry == KernelEntry::interrupt) state.windows.set(SectionKind::interrupts_off, false, behind);
  state.windows.set(SectionKind::interrupts_off,
                    host_->ops().is_interrupt_masked(registers->program_status()), now);
  if (!preemptible_)
    state.windows.set(SectionKind::preemption_off, !host_->ops().is_user(block.address), now);
  take_changes(cpu);
}

// Within a block, behind the instruction.
void SectionProbe::on_change(const Instruction& at) {
  const unsigned cpu = host_->running_cpu();
  GuestRegisters* registers = host_->registers(cpu);
  Cpu& state = cpu_at(cpu);
  if (registers == nullptr || state.task == 0) return;
  state.here = at.address + at.size;
  state.windows.set(
      SectionKind::interrupts_off, host_->ops().is_interrupt_masked(registers->program_status()),
      {time_before(*at.block, at.index + 1), changed_at(at.number, state.here, registers), state.number});
  take_changes(cpu);
}

void SectionProbe::on_opportunity(const TracedBlock& block) {
  const unsigned cpu = host_->running_cpu();
  GuestRegisters* registers = host_->registers(cpu);
  Cpu& state = cpu_at(cpu);
  if (preemptible_ || registers == nullptr || state.task == 0) return;
  state.here = block.address;
  state.windows.split(SectionKind::preemption_off,
                      {time_before(block, 0),
                       {block.address, host_->stacks().caller(block.address, registers)},
                       state.number});
  take_changes(cpu);
}

void SectionProbe::follow_count(Cpu* state, std::uint32_t count, const SectionMoment& moment) {
  state->count = count;
  const auto [in_handler, without_softirqs, any] = kinds_of(count);
  state->windows.set(SectionKind::interrupt_handler, in_handler, moment);
  state->windows.set(SectionKind::softirqs_off, without_softirqs, moment);
  if (preemptible_) state->windows.set(SectionKind::preemption_off, any, moment);
}

// Behind the store.
void SectionProbe::on_count(unsigned cpu, const Instruction& at, std::uint32_t count) {
  Cpu& state = cpu_at(cpu);
  const bool changes_nothing = kinds_of(count) == kinds_of(state.count);
  GuestRegisters* registers = changes_nothing ? nullptr : host_->registers(cpu);
  if (registers == nullptr) {
    state.count = count;
    return;
  }
  state.here = at.address + at.size;
  follow_count(&state, count,
               {time_before(*at.block, at.index + 1),
                {at.address, host_->stacks().caller(state.here, registers)},
                state.number});
  take_changes(cpu);
}

void SectionProbe::on_wait(const Instruction& at) {
  const unsigned cpu = host_->running_cpu();
  cpu_at(cpu).asleep_since_ns = time_before(*at.block, at.index + 1);
  set_changed(cpu, at.number);
}

// Of a kernel that chose its model as it booted. What is not recorded yet needs no rule.
void SectionProbe::learn_preemption() {
  const std::uint64_t jump = settings_.kernel.preempt_jump;
  if (counting_ || jump == 0) return;
  const auto& preempting = settings_.sections.preempting;
  const std::uint64_t led_to = host_->ops().jumps_to(jump, host_->kernel().number(jump));
  preemptible_ = settings_.sections.preemptible && std::ranges::find(preempting, led_to) != preempting.end();
}

// What was followed of the task that leaves must be what the kernel has: else a store was missed. Nor does it
// switch in an interrupt, or with softirqs off.
void SectionProbe::check_count(const Cpu& state, std::uint64_t task) {
  const bool in_interrupt = (state.count & (hardirq_bits | softirq_bits)) != 0;
  if (state.task != task || in_interrupt || host_->kernel().word(state.count_at) != state.count)
    ++end_.wrong_counts;
}

void SectionProbe::on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) {
  learn_preemption();
  Cpu& state = cpu_at(cpu);
  if (state.task != 0) check_count(state, from);
  GuestRegisters* registers = host_->registers(cpu);
  if (registers == nullptr) return;
  const std::int32_t priority = take_task(&state, registers, to);
  state.here = settings_.kernel.switch_function;
  // The host's callback stands at the first instruction of the switching function.
  const SectionMoment moment{host_->block_end_ns() - host_->switch_block_instructions(),
                             {state.here, host_->stacks().caller(state.here, registers)},
                             state.number};
  follow_count(&state, host_->kernel().word(state.count_at), moment);
  state.windows.set(SectionKind::real_time_task, false, moment);
  state.windows.set(SectionKind::real_time_task, priority < real_time_priorities, moment);
  take_changes(cpu);
}

void SectionProbe::on_pin(const PinEvent& event) {
  if (event.edge == PinEvent::Edge::stimulus) {
    if (!event.counted || counting_) return;
    counting_ = true;
    end_.begin_ns = event.at_ns;
  } else if (counting_) {
    end_.end_ns = event.at_ns;
  }
}

// What has closed is told first: a place is known by its last window before the next one opens.
void SectionProbe::tell(unsigned cpu, GuestRegisters* registers) {
  const Cpu& state = cpu_at(cpu);
  for (ClosedSection section : state.windows.closed()) {
    section.cpu = cpu;
    listener_->on_closed(section);
  }
  if (state.windows.opened().empty() || !listener_->listens(host_->block_end_ns())) return;
  // Behind the place: a function that calls nothing has no frame of its own.
  const std::uint64_t called_by = host_->stacks().digest_of_callers(state.here, registers);
  for (OpenedSection section : state.windows.opened()) {
    section.cpu = cpu;
    if (!listener_->on_opened(section, called_by)) continue;
    listener_->send_after(host_->block_end_ns());
    return;
  }
}

void SectionProbe::take_changes(unsigned cpu) {
  Cpu& state = cpu_at(cpu);
  GuestRegisters* registers = host_->registers(cpu);
  if (listener_ != nullptr) tell(cpu, registers);
  for (const ClosedSection& section : state.windows.closed()) {
    if (!counting_ || section.end_ns <= end_.begin_ns) continue;
    std::vector<std::uint64_t> chain;
    if (writer_.wants_chain(section, cpu)) chain = chain_of(state, registers);
    writer_.write(section, cpu, chain);
  }
  state.windows.clear();
}

std::vector<std::uint64_t> SectionProbe::chain_of(const Cpu& state, GuestRegisters* registers) {
  auto chain = host_->stacks().callers(state.here, registers);
  if (chain.empty() && host_->ops().is_user(state.here)) chain.push_back(state.here);
  return chain;
}

void SectionProbe::end_wait(unsigned cpu, const LockWait& wait) {
  --waiting_;
  if (!counting_ || wait.end_ns <= end_.begin_ns) return;
  writer_.write_wait(
      {SectionKind::lock_wait, wait.begin_ns, wait.end_ns, wait.asked, wait.taken, number_of(wait.waiter)},
      number_of(wait.holder), cpu, wait.chain);
}

bool SectionProbe::flush() {
  for (const Cpu& cpu : cpus_)
    for (const SectionKind kind : {SectionKind::interrupts_off, SectionKind::preemption_off,
                                   SectionKind::softirqs_off, SectionKind::interrupt_handler})
      if (cpu.windows.is_open(kind)) ++end_.unclosed;
  end_.unclosed += waiting_;
  end_.locks = settings_.sections.locks.take.empty() ? 0 : 1;
  end_.no_count = count_.is_known() ? 0 : 1;
  end_.preemptible = preemptible_ ? 1 : 0;
  counting_ = false;
  return writer_.finish(end_);
}

}  // namespace loopgate
