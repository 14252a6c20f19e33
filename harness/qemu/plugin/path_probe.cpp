#include "qemu/plugin/path_probe.h"

#include <cstring>
#include <vector>

#include "qemu/plugin/trace_host.h"

namespace loopgate {
namespace {

constexpr std::uint64_t user_space = 0;

template <class Words>
std::vector<std::uint64_t> words_of(const Words& record) {
  std::vector<std::uint64_t> words(sizeof(record) / sizeof(std::uint64_t));
  std::memcpy(words.data(), &record, sizeof(record));
  return words;
}

}  // namespace

Result<std::unique_ptr<Probe>> PathProbe::create(const TraceSettings& settings, TraceHost* host) {
  TRY(writer, TraceWriter::create(settings.file));
  return std::unique_ptr<Probe>(new PathProbe(settings, host, std::move(writer)));
}

// The clock stands at the end of the mark's block, as it does at a block's begin. The marks themselves are no
// part of the path.
void PathProbe::on_mark(unsigned cpu, const PathMark& mark) {
  const std::int64_t at_ns = host_->block_end_ns() - (mark.block->instructions - mark.index);
  if (mark.kind == PathMarkKind::begin) return begin(at_ns + 1, cpu, mark);
  if (!counter_.is_open()) return;  // what a primitive does outside of the path, too
  switch (mark.kind) {
    case PathMarkKind::part_begin:
      return counter_.begin_part(at_ns + 1, 0);
    case PathMarkKind::part_later:
      return begin_part_later(at_ns + 1, cpu);
    case PathMarkKind::part_end:
      return counter_.end_part(at_ns);
    default:
      return end(counter_.close(at_ns));
  }
}

void PathProbe::begin_part_later(std::int64_t at_ns, unsigned cpu) {
  GuestRegisters* registers = host_->registers(cpu);
  counter_.begin_part(at_ns, registers != nullptr ? static_cast<std::int64_t>(registers->argument(0)) : -1);
}

void PathProbe::begin(std::int64_t at_ns, unsigned cpu, const PathMark& mark) {
  if (counter_.is_open()) end(counter_.give_up());  // its program died, or was killed
  const PathRunner runner{host_->current_task(cpu), false};
  const TracedBlock& block = *mark.block;
  counter_.open(
      at_ns, runner,
      {user_space, block.instructions - mark.index - 1, host_->ops().waits_for_interrupt(block.last_opcode)});
  exceptions_.clear();
  last_ = &block;
  to_learn_ = runner.task;
  host_->want_blocks(true);
}

void PathProbe::end(const CountedPath& path) {
  host_->want_blocks(false);
  const TracePath whole{path.end_ns,
                        path.idle_ns,
                        path.unknown_ns,
                        path.outside.instructions,
                        path.outside.idle_ns,
                        path.timed_parts,
                        path.misplaced_marks,
                        static_cast<std::uint32_t>(path.parts.size()),
                        path.finished ? 1U : 0U,
                        tasks_[path.opened_by.task]};
  writer_.write(TraceKind::path, 0, path.begin_ns, &whole, sizeof(whole) / sizeof(std::uint64_t));
  for (const auto& [runner, instructions] : path.parts) {
    std::vector<std::uint64_t> words =
        words_of(TracePathPart{tasks_[runner.task], runner.interrupt ? 1U : 0U});
    for (const auto& [address, count] : instructions) words.insert(words.end(), {address, count});
    writer_.write(TraceKind::path_part, 0, 0, words.data(), words.size());
  }
}

void PathProbe::on_block(unsigned cpu, TracedBlock* translated) {
  if (!counter_.is_open()) return;
  const TracedBlock& block = *translated;
  const bool user = host_->ops().is_user(block.address);
  const std::uint64_t task = host_->current_task(cpu);
  if (!user && task == to_learn_) learn(task);
  follow_exceptions(task, block, user);
  counter_.enter(host_->block_end_ns() - block.instructions, {task, exceptions_.in_interrupt(task)},
                 {user ? user_space : block.address, block.instructions,
                  host_->ops().waits_for_interrupt(block.last_opcode)});
  last_ = translated;
}

// A block may begin at an entry's second instruction, behind one of its first alone.
void PathProbe::follow_exceptions(std::uint64_t task, const TracedBlock& block, bool user) {
  const ArchOps& ops = host_->ops();
  if (user) return exceptions_.clear(task);
  if (ops.is_exception_return(last_->last_opcode)) exceptions_.leave(task);
  const bool goes_on = last_->entry != KernelEntry::none && block.address == last_->address + last_->size;
  if (block.entry != KernelEntry::none && !goes_on)
    exceptions_.enter(task, block.entry == KernelEntry::interrupt);
}

void PathProbe::learn(std::uint64_t task) {
  tasks_[task] = host_->kernel().task(task);
  to_learn_ = 0;
}

// Outside of a window, too: who executes a mark is in user space, where the kernel's memory can't be read.
void PathProbe::on_switch(unsigned, std::uint64_t from, std::uint64_t to) {
  constexpr std::uint64_t dead = 0x80;  // TASK_DEAD of include/linux/sched.h: a new task may have its address
  if (counter_.is_open()) {
    if ((host_->kernel().task(from).state & dead) != 0) exceptions_.clear(from);
  }
  tasks_[to] = host_->kernel().task(to);
}

bool PathProbe::flush() {
  if (counter_.is_open()) end(counter_.give_up());
  return writer_.flush();
}

}  // namespace loopgate
