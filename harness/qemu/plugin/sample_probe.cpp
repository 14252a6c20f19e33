#include "qemu/plugin/sample_probe.h"

#include "qemu/plugin/trace_host.h"

namespace loopgate {

SampleProbe::SampleProbe(const TraceSettings& settings, TraceHost* host, TraceWriter writer)
    : settings_(settings),
      samples_(settings.samples.begin(), settings.samples.end()),
      host_(host),
      writer_(std::move(writer)) {}

Result<std::unique_ptr<Probe>> SampleProbe::create(const TraceSettings& settings, TraceHost* host) {
  TRY(writer, TraceWriter::create(settings.file));
  return std::unique_ptr<Probe>(new SampleProbe(settings, host, std::move(writer)));
}

SampleProbe::Cpu& SampleProbe::cpu_at(unsigned cpu) {
  if (cpu >= cpus_.size()) cpus_.resize(cpu + 1, {.first = sample_.has_value()});
  return cpus_[cpu];
}

void SampleProbe::on_pin(const PinEvent& event) {
  switch (event.edge) {
    case PinEvent::Edge::stimulus:
      return begin(event);
    case PinEvent::Edge::response:
      return end(TraceKind::end, event.at_ns);
    case PinEvent::Edge::given_up:
      return end(TraceKind::given_up, event.at_ns);
  }
}

void SampleProbe::begin(const PinEvent& event) {
  if (samples_.empty() ? !event.counted : !samples_.contains(event.sample)) return;
  const std::uint64_t word = event.sample;
  writer_.write(TraceKind::begin, 0, event.at_ns, &word, 1);
  for (Cpu& cpu : cpus_) cpu.first = true;
  if (!sample_) host_->want_blocks(true);
  sample_ = event.sample;
}

void SampleProbe::end(TraceKind kind, std::int64_t at_ns) {
  if (!sample_) return;
  const std::uint64_t word = *sample_;
  writer_.write(kind, host_->last_cpu(), at_ns, &word, 1);
  sample_.reset();
  host_->want_blocks(false);
}

// Of the phases alone: a block counts only where one of them can end.
bool SampleProbe::is_left_out(const Cpu& state, const TracedBlock& block, bool user) const {
  return settings_.phases_only && !block.landmark && user == state.was_user && !state.first &&
         !state.switched && !host_->ops().is_exception_return(state.last_opcode);
}

// At a block's begin the clock stands at the block's end: QEMU takes all of its instructions from the budget
// first.
void SampleProbe::on_block(unsigned cpu, TracedBlock* translated) {
  if (!sample_) return;
  Cpu& state = cpu_at(cpu);
  const bool user = host_->ops().is_user(translated->address);
  if (is_left_out(state, *translated, user)) {
    state.last_opcode = translated->last_opcode;
    return;
  }
  state.switched = false;
  const TracedBlock& block = user ? *host_->at_its_address(cpu, translated) : *translated;
  const std::int64_t at_ns = host_->block_end_ns() - block.instructions;
  write_block(block);
  if (state.first) write_first(cpu, block);
  write_events(cpu, block, at_ns);
  writer_.write(TraceKind::run, cpu, at_ns, nullptr, block.id);
  state.was_user = user;
  state.last_opcode = block.last_opcode;
}

// Which task runs, and its call chain.
void SampleProbe::write_first(unsigned cpu, const TracedBlock& block) {
  Cpu& state = cpu_at(cpu);
  state.first = false;
  GuestRegisters* registers = host_->registers(cpu);
  if (registers == nullptr) return;
  const TraceTask task = host_->kernel().task(host_->current_task(cpu));
  writer_.write(TraceKind::current, cpu, 0, &task, sizeof(task) / 8);
  if (const std::uint64_t jump = settings_.kernel.preempt_jump; jump != 0) {
    const std::uint64_t code = host_->kernel().number(jump);
    writer_.write(TraceKind::preempt_jump, cpu, 0, &code, 1);
  }
  const auto words = host_->stacks().running(block, registers);
  writer_.write(TraceKind::stack, cpu, 0, words.data(), words.size());
  state.was_user = host_->ops().is_user(words[0]);
  state.last_opcode = 0;
}

// What a phase, or an event of a trace, begins or ends with.
void SampleProbe::write_events(unsigned cpu, const TracedBlock& block, std::int64_t at_ns) {
  GuestRegisters* registers = host_->registers(cpu);
  if (registers == nullptr) return;
  const KernelLayout& layout = settings_.kernel;
  write_crossing(cpu, host_->ops().is_user(block.address), at_ns, registers);
  if (block.entry != KernelEntry::none) {
    const std::uint64_t words[2] = {host_->stacks().interrupted(block, registers),
                                    block.entry == KernelEntry::interrupt ? 1U : 0U};
    writer_.write(TraceKind::vector, cpu, at_ns, words, 2);
  } else if (block.address == layout.wake_function) {
    const TraceTask task = host_->kernel().task(registers->argument(layout.wake_argument));
    writer_.write(TraceKind::woken, cpu, at_ns, &task, sizeof(task) / 8);
  } else if (block.address == layout.waking_function) {
    const TraceTask task = host_->kernel().task(registers->argument(0));
    writer_.write(TraceKind::waking, cpu, at_ns, &task, sizeof(task) / 8);
  } else if (block.address == layout.interrupt_function) {
    const auto words = host_->kernel().interrupt(registers->argument(0));
    writer_.write(TraceKind::interrupt, cpu, at_ns, words.data(), words.size());
  }
}

// Into user space, or out of it with a system call.
void SampleProbe::write_crossing(unsigned cpu, bool user, std::int64_t at_ns, GuestRegisters* registers) {
  const Cpu& state = cpu_at(cpu);
  if (user && !state.was_user) {
    const std::uint64_t words[2] = {registers->result(),
                                    host_->stacks().returned_call(host_->current_task(cpu), registers)};
    writer_.write(TraceKind::returns, cpu, at_ns, words, 2);
  } else if (!user && state.was_user && host_->ops().is_system_call(state.last_opcode)) {
    const std::uint64_t number = registers->system_call_number();
    writer_.write(TraceKind::system_call, cpu, at_ns, &number, 1);
  }
}

void SampleProbe::on_switch(unsigned cpu, std::uint64_t from, std::uint64_t to) {
  if (!sample_) return;
  const TraceTask tasks[2] = {host_->kernel().task(from), host_->kernel().task(to)};
  writer_.write(TraceKind::switched, cpu, 0, tasks, sizeof(tasks) / 8);
  cpu_at(cpu).switched = true;
  const auto words = host_->stacks().switched_to(to);
  writer_.write(TraceKind::stack, cpu, 0, words.data(), words.size());
}

void SampleProbe::write_block(const TracedBlock& block) {
  if (written_.size() <= block.id) written_.resize(block.id + 1);
  if (written_[block.id]) return;
  written_[block.id] = true;
  const std::uint64_t words[4] = {block.id, block.address,
                                  block.instructions | std::uint64_t{block.last_opcode} << 32U, block.size};
  writer_.write(TraceKind::block, 0, 0, words, 4);
}

}  // namespace loopgate
