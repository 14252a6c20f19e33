#include "qemu/plugin/stack_reader.h"

#include <optional>

#include "base/split_mix.h"
#include "qemu/plugin/orc_table.h"
#include "qemu/plugin/orc_unwind.h"

namespace loopgate {
namespace {

class FramePointers : public StackReader {
 public:
  FramePointers(const ArchOps& ops, const KernelLayout& layout, GuestKernel* kernel)
      : ops_(ops), layout_(layout), kernel_(kernel) {}

  std::vector<std::uint64_t> running(const TracedBlock& block, GuestRegisters* registers) override {
    const std::uint64_t frame = registers->frame_pointer();
    // An exception was taken at once: the vector is not part of the call chain.
    const bool interrupted = ops_.in_vectors(layout_, block.address) ||
                             (!ops_.is_user(block.address) && ops_.is_user(frame) && frame != 0);
    std::vector<std::uint64_t> words = {interrupted ? registers->interrupted_address() : block.address,
                                        registers->link_register()};
    const auto frames = kernel_->frames(frame);
    words.insert(words.end(), frames.begin(), frames.end());
    return words;
  }
  std::vector<std::uint64_t> switched_to(std::uint64_t task) override { return kernel_->saved_stack(task); }
  std::vector<std::uint64_t> callers(std::uint64_t /*address*/, GuestRegisters* registers,
                                     std::size_t at_most) override {
    return kernel_->frames(registers->frame_pointer(), at_most);
  }
  // Leads back into the function itself once it has called another.
  std::uint64_t caller(std::uint64_t /*address*/, GuestRegisters* registers) override {
    return registers->link_register();
  }
  std::uint64_t interrupted(const TracedBlock& /*block*/, GuestRegisters* registers) override {
    return registers->interrupted_address();
  }
  std::uint64_t returned_call(std::uint64_t /*task*/, GuestRegisters* registers) override {
    return registers->system_call_number();
  }

 private:
  const ArchOps& ops_;
  const KernelLayout& layout_;
  GuestKernel* kernel_;
};

// An x86 kernel: what was interrupted is on the stack, and frames are told by its tables (ORC).
class UnwindTables : public StackReader {
 public:
  UnwindTables(const ArchOps& ops, const KernelLayout& layout, GuestKernel* kernel)
      : ops_(ops),
        layout_(layout),
        kernel_(kernel),
        read_([kernel](auto address, auto* out, auto size) { return kernel->read(address, out, size); }) {}

  std::vector<std::uint64_t> running(const TracedBlock& block, GuestRegisters* registers) override {
    UnwindPoint at{block.address, registers->stack_pointer(), registers->frame_pointer(), false};
    bool in_kernel = !ops_.is_user(block.address);
    if (block.entry == KernelEntry::system_call) {
      at.address = registers->system_call_address();
      in_kernel = false;
    } else if (block.entry != KernelEntry::none) {
      in_kernel = read_interrupt_frame(read_, pushed_at(block, registers), &at);
    }
    return words_of(at.address, in_kernel ? frames(at) : std::vector<std::uint64_t>());
  }

  // struct inactive_task_frame: r15, r14, r13, r12, rbx, rbp, and where the caller goes on.
  std::vector<std::uint64_t> switched_to(std::uint64_t task) override {
    const std::uint64_t stack = kernel_->number(task + layout_.task_saved);
    std::uint64_t saved[7] = {};
    if (!has_table() || !kernel_->read(stack, saved, sizeof(saved)))
      return words_of(layout_.switch_function, {});
    auto callers = frames({saved[6], stack + sizeof(saved), saved[5], true});
    callers.insert(callers.begin(), saved[6]);
    return words_of(layout_.switch_function, callers);
  }

  std::vector<std::uint64_t> callers(std::uint64_t address, GuestRegisters* registers,
                                     std::size_t at_most) override {
    return frames({address, registers->stack_pointer(), registers->frame_pointer(), false}, at_most);
  }
  std::uint64_t caller(std::uint64_t address, GuestRegisters* registers) override {
    const auto nearest = callers(address, registers, 1);
    return nearest.empty() ? 0 : nearest.front();
  }

  std::uint64_t interrupted(const TracedBlock& block, GuestRegisters* registers) override {
    if (block.entry == KernelEntry::system_call) return registers->system_call_address();
    return kernel_->number(pushed_at(block, registers));
  }

  // pt_regs.orig_ax, at the very end of the task's stack.
  std::uint64_t returned_call(std::uint64_t task, GuestRegisters* /*registers*/) override {
    constexpr std::uint64_t stack_size = 16'384;
    constexpr std::uint64_t behind_number = 48;
    const std::uint64_t stack = task == 0 ? 0 : kernel_->number(task + layout_.task_stack);
    return stack == 0 ? 0 : kernel_->number(stack + stack_size - behind_number);
  }

 private:
  static std::uint64_t pushed_at(const TracedBlock& block, GuestRegisters* registers) {
    return registers->stack_pointer() + (block.entry == KernelEntry::exception_with_code ? 8 : 0);
  }
  // No link register.
  static std::vector<std::uint64_t> words_of(std::uint64_t address,
                                             const std::vector<std::uint64_t>& callers) {
    std::vector<std::uint64_t> words = {address, 0};
    words.insert(words.end(), callers.begin(), callers.end());
    return words;
  }
  // Without, nobody is said to have called: the harness refuses such a trace.
  bool has_table() {
    if (!looked_) table_ = OrcTable::find(layout_.text_begin, read_);
    looked_ = true;
    return table_.has_value();
  }
  std::vector<std::uint64_t> frames(const UnwindPoint& from, std::size_t at_most = 64) {
    return has_table() ? unwound(*table_, read_, from, at_most) : std::vector<std::uint64_t>();
  }

  const ArchOps& ops_;
  const KernelLayout& layout_;
  GuestKernel* kernel_;
  ReadGuest read_;
  bool looked_ = false;
  std::optional<OrcTable> table_;
};

}  // namespace

std::uint64_t StackReader::digest_of_callers(std::uint64_t address, GuestRegisters* registers) {
  std::uint64_t digest = 0;
  for (const std::uint64_t each : callers(address, registers, 3)) digest = split_mix(digest ^ each);
  return digest;
}

std::unique_ptr<StackReader> stack_reader(const ArchOps& ops, const KernelLayout& layout,
                                          GuestKernel* kernel) {
  if (layout.text_begin != 0) return std::make_unique<UnwindTables>(ops, layout, kernel);
  return std::make_unique<FramePointers>(ops, layout, kernel);
}

}  // namespace loopgate
