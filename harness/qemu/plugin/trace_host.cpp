#include "qemu/plugin/trace_host.h"

#include <algorithm>
#include <array>
#include <span>

#include "qemu/plugin/lock_probe.h"
#include "qemu/plugin/path_probe.h"
#include "qemu/plugin/sample_probe.h"
#include "qemu/plugin/section_probe.h"

namespace loopgate {
namespace {

// The plugin interface hands a translated block over with the plugin's id and nothing else.
TraceHost*& only_host() {
  static TraceHost* host = nullptr;
  return host;
}

}  // namespace

TraceHost::TraceHost(const ArchOps& ops, const TraceSettings& settings, const QemuFunctions& qemu)
    : ops_(ops),
      layout_(settings.kernel),
      paths_(settings.paths),
      qemu_(qemu),
      kernel_(settings.kernel),
      stacks_(stack_reader(ops, layout_, &kernel_)),
      score_(qemu_plugin_scoreboard_new(sizeof(std::uint64_t))) {}

TraceHost::~TraceHost() {
  only_host() = nullptr;
  qemu_plugin_scoreboard_free(score_);
}

Result<std::unique_ptr<TraceHost>> TraceHost::create(const std::string& architecture,
                                                     const TraceSettings& settings, const QemuFunctions& qemu,
                                                     qemu_plugin_id_t plugin, SectionListener* listener) {
  TRY(ops, arch_ops(architecture));
  std::unique_ptr<TraceHost> host(new TraceHost(*ops, settings, qemu));
  if (settings.sections.record) {
    TRY_STATUS(host->record_sections(settings, listener));
  } else {
    TRY(probe,
        settings.paths ? PathProbe::create(settings, host.get()) : SampleProbe::create(settings, host.get()));
    host->probes_.push_back(std::move(probe));
  }
  only_host() = host.get();
  qemu_plugin_register_vcpu_tb_trans_cb(plugin, [](qemu_plugin_id_t, qemu_plugin_tb* block) {
    if (only_host() != nullptr) only_host()->translate(block);
  });
  return host;
}

Status TraceHost::record_sections(const TraceSettings& settings, SectionListener* listener) {
  TRY(sections, SectionProbe::create(settings, this, listener));
  SectionProbe* recorder = sections.get();
  probes_.push_back(std::move(sections));
  if (const LockFunctions& locks = settings.sections.locks; !locks.take.empty())
    probes_.push_back(std::make_unique<LockProbe>(locks, this, recorder, listener));
  return {};
}

void TraceHost::translate(qemu_plugin_tb* translated) {
  const std::size_t count = qemu_plugin_tb_n_insns(translated);
  const std::uint64_t address = qemu_plugin_tb_vaddr(translated);
  qemu_plugin_insn* last = qemu_plugin_tb_get_insn(translated, count - 1);
  std::uint32_t opcode = 0;
  qemu_plugin_insn_data(last, &opcode, sizeof(opcode));
  const auto size = qemu_plugin_insn_vaddr(last) + qemu_plugin_insn_size(last) - address;
  const KernelEntry entry = ops_.entry_at(layout_, address);
  const bool landmark = entry != KernelEntry::none || ops_.in_vectors(layout_, address) ||
                        address == layout_.wake_function || address == layout_.waking_function ||
                        address == layout_.interrupt_function || address == layout_.switch_function ||
                        ops_.is_exception_return(opcode);
  blocks_.push_back({this, static_cast<std::uint32_t>(blocks_.size()), address,
                     static_cast<std::uint32_t>(count), opcode, static_cast<std::uint32_t>(size), entry,
                     landmark});
  hear_begin(translated, &blocks_.back());
  for (const auto& probe : probes_) probe->on_translate(translated, &blocks_.back());
  if (paths_ && ops_.is_user(address)) hear_marks(translated, blocks_.back());
  if (address != layout_.switch_function) return;
  qemu_plugin_register_vcpu_tb_exec_cb(
      translated,
      [](unsigned, void* user) {
        const auto* block = static_cast<const TracedBlock*>(user);
        block->host->on_switch(block->host->running_cpu(), *block);
      },
      QEMU_PLUGIN_CB_R_REGS, &blocks_.back());
}

// With one CPU it is compared in the translated code itself: a block that no probe wants costs two
// instructions. With several that take turns QEMU 10 shares translated blocks between them and yet writes the
// number of the CPU that came first into them, in a constant that its comparison then overwrites, for all
// else in the block as well (gen_plugin_u64_ptr in accel/tcg/plugin-gen.c).
void TraceHost::hear_begin(qemu_plugin_tb* translated, TracedBlock* block) {
  const auto heard = [](unsigned, void* user) {
    auto* begun = static_cast<TracedBlock*>(user);
    TraceHost* host = begun->host;
    if (host->blocks_wanted_ > 0) host->on_block(host->running_cpu(), begun);
  };
  if (qemu_plugin_num_vcpus() > 1)
    qemu_plugin_register_vcpu_tb_exec_cb(translated, heard, QEMU_PLUGIN_CB_R_REGS, block);
  else
    qemu_plugin_register_vcpu_tb_exec_cond_cb(translated, heard, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_COND_NE,
                                              {score_, 0}, 0, block);
}

void TraceHost::hear_marks(qemu_plugin_tb* translated, const TracedBlock& block) {
  for (std::uint32_t index = 0; index < block.instructions; ++index) {
    qemu_plugin_insn* instruction = qemu_plugin_tb_get_insn(translated, index);
    std::array<std::uint8_t, longest_instruction> bytes{};
    const std::size_t size = qemu_plugin_insn_data(instruction, bytes.data(), bytes.size());
    const std::span<const std::uint8_t> code(bytes.data(), size);
    const auto found = std::ranges::find_if(ops_.path_marks,
                                            [&](const auto& mark) { return std::ranges::equal(code, mark); });
    if (found == ops_.path_marks.end()) continue;
    const auto kind = static_cast<PathMarkKind>(found - ops_.path_marks.begin());
    marks_.push_back({&block, index, kind});
    qemu_plugin_register_vcpu_insn_exec_cb(
        instruction,
        [](unsigned cpu, void* user) {
          const auto* mark = static_cast<const PathMark*>(user);
          mark->block->host->on_mark(cpu, *mark);
        },
        kind == PathMarkKind::part_later ? QEMU_PLUGIN_CB_R_REGS : QEMU_PLUGIN_CB_NO_REGS, &marks_.back());
  }
}

unsigned TraceHost::running_cpu() {
  const QemuCpu* running = *qemu_.current_cpu_of_this_thread();
  if (running == running_) return running_cpu_;
  const int cpus = qemu_plugin_num_vcpus();
  for (int cpu = 0; cpu < cpus; ++cpu)
    if (qemu_.qemu_get_cpu(cpu) == running) running_cpu_ = static_cast<unsigned>(cpu);
  running_ = running;
  return running_cpu_;
}

void TraceHost::on_mark(unsigned cpu, const PathMark& mark) {
  for (const auto& probe : probes_) probe->on_mark(cpu, mark);
}

void TraceHost::on_block(unsigned cpu, TracedBlock* translated) {
  last_cpu_ = cpu;
  for (const auto& probe : probes_) probe->on_block(cpu, translated);
}

void TraceHost::on_switch(unsigned cpu, const TracedBlock& block) {
  switch_block_instructions_ = block.instructions;
  GuestRegisters* found = registers(cpu);
  if (found == nullptr) return;
  const std::uint64_t from = found->argument(0);
  const std::uint64_t to = found->argument(1);
  cpu_at(cpu).current_task = to;
  for (const auto& probe : probes_) probe->on_switch(cpu, from, to);
}

void TraceHost::on_pin(const PinEvent& event) {
  for (const auto& probe : probes_) probe->on_pin(event);
}

bool TraceHost::flush() {
  bool written = true;
  for (const auto& probe : probes_) written = probe->flush() && written;
  return written;
}

TraceHost::Cpu& TraceHost::cpu_at(unsigned cpu) {
  while (cpus_.size() <= cpu) cpus_.push_back({GuestRegisters(ops_), 0});
  return cpus_[cpu];
}

GuestRegisters* TraceHost::registers(unsigned cpu) {
  GuestRegisters& registers = cpu_at(cpu).registers;
  return registers.find() ? &registers : nullptr;
}

void TraceHost::want_blocks(bool wanted) {
  blocks_wanted_ += wanted ? 1 : std::uint64_t{0} - 1;
  if (qemu_plugin_num_vcpus() == 1) qemu_plugin_u64_set({score_, 0}, 0, blocks_wanted_);
}

// `pc` is right at a block's begin.
TracedBlock* TraceHost::at_its_address(unsigned cpu, TracedBlock* translated) {
  GuestRegisters* found = registers(cpu);
  if (found == nullptr) return translated;
  const std::uint64_t address = found->program_counter();
  if (address == translated->address) return translated;
  TracedBlock*& block = elsewhere_[{translated->id, address}];
  if (block == nullptr) {
    blocks_.push_back(*translated);
    block = &blocks_.back();
    block->id = static_cast<std::uint32_t>(blocks_.size() - 1);
    block->address = address;
  }
  return block;
}

// qemu_clock_get_ns() refuses within a block (it would have to guess how much of it has run); QEMU's own
// icount_update() brings the clock up to the block's end, and with no current CPU the clock is then only
// read.
std::int64_t TraceHost::block_end_ns() const {
  QemuCpu** current = qemu_.current_cpu_of_this_thread();
  QemuCpu* cpu = *current;
  qemu_.icount_update(cpu);
  *current = nullptr;
  const std::int64_t now = qemu_.qemu_clock_get_ns(qemu_clock_virtual);
  *current = cpu;
  return now;
}

}  // namespace loopgate
