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

constexpr std::uint64_t instruction_size = 4;

// Which kinds of windows a preempt count means.
std::array<bool, 3> kinds_of(std::uint32_t count) {
  return {(count & hardirq_bits) != 0, (count & softirq_bits) != 0, count != 0};
}

}  // namespace

SectionProbe::SectionProbe(const TraceSettings& settings, TraceHost* host, SectionListener* listener,
                           SectionWriter writer)
    : settings_(settings),
      host_(host),
      listener_(listener),
      writer_(std::move(writer)),
      changed_(qemu_plugin_scoreboard_new(sizeof(std::uint64_t))) {}

SectionProbe::~SectionProbe() { qemu_plugin_scoreboard_free(changed_); }

Result<std::unique_ptr<Probe>> SectionProbe::create(const TraceSettings& settings, TraceHost* host,
                                                    SectionListener* listener) {
  if (host->ops().changes_interrupt_mask == nullptr)
    return fail(ErrorKind::usage, "the instrument cannot record this architecture's critical sections");
  TRY(writer, SectionWriter::create(settings.file, settings.sections.windows_at_most));
  return std::unique_ptr<Probe>(new SectionProbe(settings, host, listener, std::move(writer)));
}

bool SectionProbe::is_opportunity(std::uint64_t address) const {
  return !settings_.sections.preemptible && std::ranges::find(settings_.sections.opportunities, address) !=
                                                settings_.sections.opportunities.end();
}

// QEMU carries a block's callbacks out in the order in which they were asked for: a block first looks at what
// the one before it changed, then says that it changes something itself.
void SectionProbe::on_translate(qemu_plugin_tb* translated, TracedBlock* block) {
  const Instruction whole{this, block, 0};
  instructions_.push_back(whole);
  const auto look = [](unsigned cpu, void* user) {
    const auto* at = static_cast<const Instruction*>(user);
    at->probe->on_state(cpu, *at->block);
  };
  if (block->entry != KernelEntry::none) {
    qemu_plugin_register_vcpu_tb_exec_cb(translated, look, QEMU_PLUGIN_CB_R_REGS, &instructions_.back());
  } else {
    qemu_plugin_register_vcpu_tb_exec_cond_cb(translated, look, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_COND_NE,
                                              {changed_, 0}, 0, &instructions_.back());
  }
  if (is_opportunity(block->address))
    qemu_plugin_register_vcpu_tb_exec_cb(
        translated,
        [](unsigned cpu, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          at->probe->on_opportunity(cpu, *at->block);
        },
        QEMU_PLUGIN_CB_R_REGS, &instructions_.back());
  if (host_->ops().is_user(block->address)) return;
  for (std::uint32_t index = 0; index < block->instructions; ++index) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(translated, index);
    std::uint32_t opcode = 0;
    qemu_plugin_insn_data(instruction, &opcode, sizeof(opcode));
    hear(instruction, {this, block, index}, opcode);
    if (!host_->ops().changes_interrupt_mask(opcode)) continue;
    if (index + 1 != block->instructions) ++end_.unseen;  // QEMU ends a block with it
    instructions_.push_back({this, block, index});
    qemu_plugin_register_vcpu_tb_exec_inline_per_vcpu(translated, QEMU_PLUGIN_INLINE_STORE_U64, {changed_, 0},
                                                      instructions_.size());
  }
}

void SectionProbe::hear(qemu_plugin_insn* instruction, const Instruction& heard, std::uint32_t opcode) {
  const ArchOps& ops = host_->ops();
  const std::uint32_t count_offset = settings_.sections.preempt_count;
  if (ops.stores_word(opcode, count_offset)) {
    instructions_.push_back(heard);
    qemu_plugin_register_vcpu_mem_cb(
        instruction,
        [](unsigned cpu, qemu_plugin_meminfo_t stored, std::uint64_t address, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          if (at->probe->is_preempt_count(cpu, address))
            at->probe->on_count(cpu, *at, qemu_plugin_mem_get_value(stored).data.u32);
        },
        QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_MEM_W, &instructions_.back());
  } else if (ops.waits_for_interrupt(opcode)) {
    instructions_.push_back(heard);
    instructions_.back().number = instructions_.size();
    qemu_plugin_register_vcpu_insn_exec_cb(
        instruction,
        [](unsigned cpu, void* user) {
          const auto* at = static_cast<const Instruction*>(user);
          at->probe->on_wait(cpu, *at);
        },
        QEMU_PLUGIN_CB_NO_REGS, &instructions_.back());
  } else if (ops.masks_priorities(opcode)) {
    instructions_.push_back(heard);
    qemu_plugin_register_vcpu_insn_exec_cb(
        instruction,
        [](unsigned, void* user) { ++static_cast<const Instruction*>(user)->probe->end_.priority_masks; },
        QEMU_PLUGIN_CB_NO_REGS, &instructions_.back());
  }
}

SectionProbe::Cpu& SectionProbe::cpu_at(unsigned cpu) {
  while (cpus_.size() <= cpu) cpus_.emplace_back();
  return cpus_[cpu];
}

// In a callback the clock stands at the end of the running block, whose instructions are all taken already.
std::int64_t SectionProbe::time_before(const TracedBlock& block, std::uint32_t index) const {
  return host_->block_end_ns() - (block.instructions - index);
}

// The running task and its preempt count, once the CPU is in the kernel and past its entry.
bool SectionProbe::learn(Cpu* state, GuestRegisters* registers, const TracedBlock& block) {
  if (state->task != 0) return true;
  if (host_->ops().is_user(block.address) || host_->ops().in_vectors(settings_.kernel, block.address))
    return false;
  state->task = registers->kernel_task();
  const TraceTask task = host_->kernel().task(state->task);
  state->number = writer_.task(task.pid, task.priority, {task.name, sizeof(task.name)});
  state->count = host_->kernel().word(state->task + settings_.sections.preempt_count);
  return true;
}

// The instruction that changed the state, or where an exception came in. An exception return leaves another
// link register than it found.
SectionPlace SectionProbe::changed_at(std::uint64_t number, const TracedBlock& block,
                                      GuestRegisters* registers) const {
  if (number == 0) return {block.address, 0};
  const Instruction& changed = instructions_[number - 1];
  const std::uint64_t address = changed.block->address + instruction_size * changed.index;
  const bool returns = host_->ops().is_exception_return(changed.block->last_opcode);
  return {address, returns ? 0 : registers->link_register()};
}

// A block begins behind an instruction that may have changed the state, or with an exception.
void SectionProbe::on_state(unsigned cpu, const TracedBlock& block) {
  GuestRegisters* registers = host_->registers(cpu);
  Cpu& state = cpu_at(cpu);
  if (registers == nullptr || !learn(&state, registers, block)) return;
  const std::uint64_t changed = qemu_plugin_u64_get({changed_, 0}, cpu);
  qemu_plugin_u64_set({changed_, 0}, cpu, 0);
  const std::uint64_t status = registers->program_status();
  const SectionMoment behind{time_before(block, 0), changed_at(changed, block, registers), state.number};
  const bool exception = block.entry != KernelEntry::none;
  const SectionMoment now =
      exception ? SectionMoment{behind.at_ns, {block.address, 0}, state.number} : behind;
  const auto slept_since = std::exchange(state.asleep_since_ns, std::nullopt);
  if (slept_since && now.at_ns > *slept_since) state.windows.slept(*slept_since, behind);
  // An interrupt is taken where none is masked, even if that was so for no time at all.
  if (block.entry == KernelEntry::interrupt) state.windows.set(SectionKind::interrupts_off, false, behind);
  state.windows.set(SectionKind::interrupts_off, host_->ops().is_interrupt_masked(status), now);
  if (!settings_.sections.preemptible)
    state.windows.set(SectionKind::preemption_off, !host_->ops().is_user_mode(status), now);
  take_changes(cpu);
}

void SectionProbe::on_opportunity(unsigned cpu, const TracedBlock& block) {
  GuestRegisters* registers = host_->registers(cpu);
  Cpu& state = cpu_at(cpu);
  if (registers == nullptr || state.task == 0) return;
  state.windows.split(SectionKind::preemption_off,
                      {time_before(block, 0), {block.address, registers->link_register()}, state.number});
  take_changes(cpu);
}

void SectionProbe::follow_count(Cpu* state, std::uint32_t count, const SectionMoment& moment) {
  state->count = count;
  const auto [in_handler, without_softirqs, any] = kinds_of(count);
  state->windows.set(SectionKind::interrupt_handler, in_handler, moment);
  state->windows.set(SectionKind::softirqs_off, without_softirqs, moment);
  if (settings_.sections.preemptible) state->windows.set(SectionKind::preemption_off, any, moment);
}

// Most stores at this offset are of other structures.
bool SectionProbe::is_preempt_count(unsigned cpu, std::uint64_t address) {
  const std::uint64_t task = cpu_at(cpu).task;
  return task != 0 && address == task + settings_.sections.preempt_count;
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
  follow_count(&state, count,
               {time_before(*at.block, at.index + 1),
                {at.block->address + instruction_size * at.index, registers->link_register()},
                state.number});
  take_changes(cpu);
}

void SectionProbe::on_wait(unsigned cpu, const Instruction& at) {
  cpu_at(cpu).asleep_since_ns = time_before(*at.block, at.index + 1);
  qemu_plugin_u64_set({changed_, 0}, cpu, at.number);
}

// What was followed of the task that leaves must be what the kernel has: else a store was missed.
void SectionProbe::on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) {
  Cpu& state = cpu_at(cpu);
  const std::uint32_t offset = settings_.sections.preempt_count;
  if (state.task != 0 && (state.task != from || host_->kernel().word(from + offset) != state.count))
    ++end_.wrong_counts;
  GuestRegisters* registers = host_->registers(cpu);
  if (registers == nullptr) return;
  const TraceTask task = host_->kernel().task(to);
  state.task = to;
  state.number = writer_.task(task.pid, task.priority, {task.name, sizeof(task.name)});
  // The host's callback stands at the first instruction of the switching function.
  const SectionMoment moment{host_->block_end_ns() - host_->switch_block_instructions(),
                             {settings_.kernel.switch_function, registers->link_register()},
                             state.number};
  follow_count(&state, host_->kernel().word(to + offset), moment);
  state.windows.set(SectionKind::real_time_task, false, moment);
  state.windows.set(SectionKind::real_time_task, task.priority < real_time_priorities, moment);
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
void SectionProbe::tell(const SectionWindows& windows, unsigned cpu) {
  for (const ClosedSection& section : windows.closed()) listener_->on_closed(section);
  if (windows.opened().empty() || !listener_->listens(host_->block_end_ns())) return;
  // Behind the place: a function that calls nothing has no frame of its own.
  const std::uint64_t called_by = host_->kernel().callers(host_->registers(cpu)->frame_pointer());
  for (const OpenedSection& section : windows.opened()) {
    if (!listener_->on_opened(section, called_by)) continue;
    listener_->send_after(host_->block_end_ns());
    return;
  }
}

void SectionProbe::take_changes(unsigned cpu) {
  Cpu& state = cpu_at(cpu);
  if (listener_ != nullptr) tell(state.windows, cpu);
  for (const ClosedSection& section : state.windows.closed()) {
    if (!counting_ || section.begin_ns < end_.begin_ns) continue;
    std::vector<std::uint64_t> chain;
    if (writer_.wants_chain(section)) {
      chain = host_->kernel().frames(host_->registers(cpu)->frame_pointer());
    }
    writer_.write(section, cpu, chain);
  }
  state.windows.clear();
}

bool SectionProbe::flush() {
  for (const Cpu& cpu : cpus_)
    for (std::uint32_t kind = 0; kind < section_kinds; ++kind)
      if (cpu.windows.is_open(static_cast<SectionKind>(kind))) ++end_.unclosed;
  counting_ = false;
  return writer_.finish(end_);
}

}  // namespace loopgate
