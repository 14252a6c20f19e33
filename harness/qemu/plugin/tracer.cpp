#include "qemu/plugin/tracer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace loopgate {
namespace {

constexpr unsigned only_cpu = 0;  // decision 0008
constexpr std::uint32_t supervisor_call = 0xd4000001;
constexpr std::uint32_t exception_return = 0xd69f03e0;
constexpr std::uint64_t vectors_size = 0x800;
constexpr std::size_t frames_most = 64;
constexpr unsigned frame_pointer = 29;
constexpr unsigned link_register = 30;
constexpr unsigned system_call_register = 8;

// The plugin interface hands a translated block over with the plugin's id and nothing else.
Tracer*& only_watcher() {
  static Tracer* watcher = nullptr;
  return watcher;
}

bool is_user(std::uint64_t address) { return address >> 63U == 0; }

}  // namespace

Tracer::Tracer(const TraceSettings& settings, const QemuFunctions& qemu, std::FILE* file)
    : settings_(settings),
      samples_(settings.samples.begin(), settings.samples.end()),
      qemu_(qemu),
      file_(file),
      score_(qemu_plugin_scoreboard_new(sizeof(std::uint64_t))),
      bytes_(g_byte_array_new()) {}

Tracer::~Tracer() {
  only_watcher() = nullptr;
  qemu_plugin_scoreboard_free(score_);
}

Result<std::unique_ptr<Tracer>> Tracer::create(const TraceSettings& settings, const QemuFunctions& qemu,
                                               qemu_plugin_id_t plugin) {
  std::FILE* file = std::fopen(settings.file.c_str(), "wbe");
  if (file == nullptr)
    return fail(ErrorKind::infrastructure, settings.file.string() + ": " + std::strerror(errno));
  std::setvbuf(file, nullptr, _IOFBF, 1U << 20U);
  std::unique_ptr<Tracer> watcher(new Tracer(settings, qemu, file));
  only_watcher() = watcher.get();
  watcher->write(TraceKind::header, static_cast<std::int64_t>(trace_magic), nullptr, 0);
  qemu_plugin_register_vcpu_tb_trans_cb(plugin, [](qemu_plugin_id_t, qemu_plugin_tb* block) {
    if (only_watcher() != nullptr) only_watcher()->translate(block);
  });
  return watcher;
}

void Tracer::translate(qemu_plugin_tb* translated) {
  const std::size_t count = qemu_plugin_tb_n_insns(translated);
  const std::uint64_t address = qemu_plugin_tb_vaddr(translated);
  std::uint32_t opcode = 0;
  qemu_plugin_insn_data(qemu_plugin_tb_get_insn(translated, count - 1), &opcode, sizeof(opcode));
  const KernelLayout& kernel = settings_.kernel;
  const bool mark = address - kernel.vectors < vectors_size || address == kernel.wake_function ||
                    address == kernel.interrupt_function || address == kernel.switch_function ||
                    opcode == exception_return;
  blocks_.push_back({this, static_cast<std::uint32_t>(blocks_.size()), address,
                     static_cast<std::uint32_t>(count), opcode, false, mark});
  // Compared in the translated code itself: a block outside of a watched sample costs two instructions.
  qemu_plugin_register_vcpu_tb_exec_cond_cb(
      translated,
      [](unsigned, void* user) {
        auto* block = static_cast<Block*>(user);
        block->watcher->run(block);
      },
      QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_COND_NE, {score_, 0}, 0, &blocks_.back());
  if (address != kernel.switch_function) return;
  qemu_plugin_register_vcpu_tb_exec_cb(
      translated, [](unsigned, void* user) { static_cast<Block*>(user)->watcher->on_switch(); },
      QEMU_PLUGIN_CB_R_REGS, &blocks_.back());
}

void Tracer::stimulus(std::uint32_t sample, bool counted, std::int64_t now_ns) {
  if (samples_.empty() ? !counted : !samples_.contains(sample)) return;
  const std::uint64_t word = sample;
  write(TraceKind::begin, now_ns, &word, 1);
  open_ = sample;
  first_ = true;
  qemu_plugin_u64_set({score_, 0}, only_cpu, 1);
}

void Tracer::close(TraceKind kind, std::int64_t now_ns) {
  if (!open_) return;
  const std::uint64_t word = *open_;
  write(kind, now_ns, &word, 1);
  open_.reset();
  qemu_plugin_u64_set({score_, 0}, only_cpu, 0);
}

// At a block's begin the clock stands at the block's end: QEMU takes all of its instructions from the budget
// first.
void Tracer::run(Block* translated) {
  if (!open_) return;
  const bool user = is_user(translated->address);
  if (settings_.phases_only && !translated->mark && user == was_user_ && !first_ && !switched_ &&
      before_opcode_ != exception_return) {
    before_opcode_ = translated->last_opcode;
    return;
  }
  switched_ = false;
  Block* block = user ? where_it_is(translated) : translated;
  const std::int64_t at_ns = now_ns() - block->instructions;
  if (!block->written) write_block(block);
  if (first_) first_block(*block);
  look_at(*block, at_ns);
  write(TraceKind::run, at_ns, nullptr, block->id);
  was_user_ = user;
  before_opcode_ = block->last_opcode;
}

// QEMU translates a page of instructions once, at the address of the process that came first (CF_PCREL), and
// runs that for all processes that share the page: a library's, the vDSO's. `pc` is right at a block's begin.
Tracer::Block* Tracer::where_it_is(Block* translated) {
  if (!read_registers()) return translated;
  const std::uint64_t address = register_value(counter_);
  if (address == translated->address) return translated;
  Block*& block = elsewhere_[{translated->id, address}];
  if (block == nullptr) {
    blocks_.push_back(*translated);
    block = &blocks_.back();
    block->id = static_cast<std::uint32_t>(blocks_.size() - 1);
    block->address = address;
    block->written = false;
  }
  return block;
}

// Who runs, and how it came there.
void Tracer::first_block(const Block& block) {
  first_ = false;
  if (!read_registers()) return;
  const TraceTask task = task_at(current_);
  write(TraceKind::current, 0, &task, sizeof(task) / 8);
  const std::uint64_t frame = argument(frame_pointer);
  // An exception was taken at once: the vector is no part of the call chain.
  const bool interrupted = block.address - settings_.kernel.vectors < vectors_size ||
                           (!is_user(block.address) && is_user(frame) && frame != 0);
  std::vector<std::uint64_t> words = {interrupted ? register_value(link_return_) : block.address,
                                      argument(link_register)};
  const auto frames = frames_from(frame);
  words.insert(words.end(), frames.begin(), frames.end());
  write(TraceKind::stack, 0, words.data(), words.size());
  was_user_ = is_user(words[0]);
  before_opcode_ = 0;
}

// What a phase, or an event of a trace, begins or ends with.
void Tracer::look_at(const Block& block, std::int64_t at_ns) {
  if (!read_registers()) return;
  const KernelLayout& kernel = settings_.kernel;
  const bool user = is_user(block.address);
  if (user && !was_user_) {
    const std::uint64_t words[2] = {argument(0), argument(system_call_register)};
    write(TraceKind::returns, at_ns, words, 2);
  } else if (!user && was_user_ && before_opcode_ == supervisor_call) {
    const std::uint64_t number = argument(system_call_register);
    write(TraceKind::system_call, at_ns, &number, 1);
  }
  if (block.address - kernel.vectors < vectors_size && block.address % 0x80 <= 4) {
    const std::uint64_t interrupted = register_value(link_return_);
    write(TraceKind::vector, at_ns, &interrupted, 1);
  } else if (block.address == kernel.wake_function) {
    const TraceTask task = task_at(argument(kernel.wake_argument));
    write(TraceKind::woken, at_ns, &task, sizeof(task) / 8);
  } else if (block.address == kernel.interrupt_function) {
    const std::uint64_t descriptor = argument(0);
    std::uint64_t words[5] = {read_value<std::uint32_t>(descriptor + kernel.descriptor_number)};
    const auto action = read_value<std::uint64_t>(descriptor + kernel.descriptor_action);
    const auto name = action == 0 ? 0 : read_value<std::uint64_t>(action + kernel.action_name);
    if (name != 0) read(name, &words[1], 4 * sizeof(words[0]));
    write(TraceKind::interrupt, at_ns, words, 5);
  }
}

void Tracer::on_switch() {
  if (!read_registers()) return;
  const std::uint64_t from = argument(0);
  current_ = argument(1);
  if (!open_) return;
  const TraceTask tasks[2] = {task_at(from), task_at(current_)};
  write(TraceKind::switched, 0, tasks, sizeof(tasks) / 8);
  switched_ = true;
  struct {
    std::uint64_t frame, stack, address;
  } saved{};
  read(current_ + settings_.kernel.task_frame_pointer, &saved, sizeof(saved));
  std::vector<std::uint64_t> words = {saved.address, 0};
  const auto frames = frames_from(saved.frame);
  words.insert(words.end(), frames.begin(), frames.end());
  write(TraceKind::stack, 0, words.data(), words.size());
}

// qemu_clock_get_ns() refuses within a block (it would have to guess how much of it has run); QEMU's own
// icount_update() brings the clock up to the block's end, and with no current CPU the clock is then only
// read.
std::int64_t Tracer::now_ns() const {
  QemuCpu** current = qemu_.current_cpu_of_this_thread();
  QemuCpu* cpu = *current;
  qemu_.icount_update(cpu);
  *current = nullptr;
  const std::int64_t now = qemu_.qemu_clock_get_ns(qemu_clock_virtual);
  *current = cpu;
  return now;
}

bool Tracer::read_registers() {
  if (!general_.empty()) return counter_ != nullptr;
  general_.resize(31);
  GArray* all = qemu_plugin_get_registers();
  const auto* first = reinterpret_cast<const qemu_plugin_reg_descriptor*>(all->data);
  for (const auto* found = first; found != first + all->len; ++found) {
    const std::string name = found->name;
    if (name == "ELR_EL1") link_return_ = found->handle;
    if (name == "pc") counter_ = found->handle;
    for (unsigned i = 0; i < general_.size(); ++i) {
      if (name == "x" + std::to_string(i)) general_[i] = found->handle;
    }
  }
  g_array_free(all, 1);
  if (link_return_ == nullptr || std::ranges::find(general_, nullptr) != general_.end()) counter_ = nullptr;
  return counter_ != nullptr;
}

std::uint64_t Tracer::register_value(qemu_plugin_register* handle) {
  g_byte_array_set_size(bytes_.get(), 0);
  std::uint64_t value = 0;
  if (qemu_plugin_read_register(handle, bytes_.get()) > 0)
    std::memcpy(&value, bytes_->data, std::min<std::size_t>(bytes_->len, sizeof(value)));
  return value;
}

bool Tracer::read(std::uint64_t address, void* out, std::size_t size) {
  if (!qemu_plugin_read_memory_vaddr(address, bytes_.get(), size) || bytes_->len < size) return false;
  std::memcpy(out, bytes_->data, size);
  return true;
}

TraceTask Tracer::task_at(std::uint64_t address) {
  TraceTask task{};
  task.address = address;
  if (address == 0) return task;
  const KernelLayout& kernel = settings_.kernel;
  task.pid = read_value<std::uint32_t>(address + kernel.task_pid);
  task.process = read_value<std::uint32_t>(address + kernel.task_tgid);
  task.policy = read_value<std::uint32_t>(address + kernel.task_policy);
  task.priority = read_value<std::int32_t>(address + kernel.task_priority);
  task.state = read_value<std::uint32_t>(address + kernel.task_state);
  read(address + kernel.task_name, task.name, sizeof(task.name));
  const auto memory = read_value<std::uint64_t>(address + kernel.task_memory);
  if (memory != 0) task.code = read_value<std::uint64_t>(memory + kernel.memory_code);
  return task;
}

std::vector<std::uint64_t> Tracer::frames_from(std::uint64_t frame) {
  std::vector<std::uint64_t> addresses;
  struct {
    std::uint64_t next, address;
  } record{};
  while (frame != 0 && addresses.size() < frames_most && read(frame, &record, sizeof(record))) {
    if (record.address == 0) break;
    addresses.push_back(record.address);
    if (record.next == frame) break;
    frame = record.next;
  }
  return addresses;
}

void Tracer::write_block(Block* block) {
  block->written = true;
  const std::uint64_t words[3] = {block->id, block->address,
                                  block->instructions | std::uint64_t{block->last_opcode} << 32U};
  write(TraceKind::block, 0, words, 3);
}

void Tracer::write(TraceKind kind, std::int64_t at_ns, const void* words, std::size_t count) {
  const TraceRecord record{at_ns, static_cast<std::uint32_t>(kind), static_cast<std::uint32_t>(count)};
  std::fwrite(&record, sizeof(record), 1, file_.get());
  if (words != nullptr) std::fwrite(words, 8, count, file_.get());
}

}  // namespace loopgate
