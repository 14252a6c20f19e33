#include "qemu/plugin/orc_unwind.h"

#include <optional>

namespace loopgate {
namespace {

// struct pt_regs of x86-64: what the kernel saves of the interrupted code, and within what the CPU pushes.
constexpr std::uint64_t saved_frame_pointer = 32;
constexpr std::uint64_t saved_by_cpu = 128;
// Of what the CPU pushes: address, code segment, flags, stack pointer, stack segment.
constexpr std::size_t pushed_words = 5;

bool is_user(std::uint64_t code_segment) { return (code_segment & 3U) != 0; }

std::optional<std::uint64_t> word_at(const ReadGuest& read, std::uint64_t address) {
  std::uint64_t word = 0;
  return read(address, &word, sizeof(word)) ? std::optional(word) : std::nullopt;
}

std::uint64_t with_offset(std::uint64_t base, std::int16_t offset) {
  return base + static_cast<std::uint64_t>(std::int64_t{offset});
}

// The stack pointer before the frame, or where the CPU's registers are saved.
std::optional<std::uint64_t> frame_of(const OrcEntry& entry, const ReadGuest& read, const UnwindPoint& at) {
  using Base = OrcEntry::Base;
  switch (entry.sp_base) {
    case Base::sp:
      return with_offset(at.stack_pointer, entry.sp_offset);
    case Base::bp:
      return with_offset(at.frame_pointer, entry.sp_offset);
    case Base::bp_indirect:
      return word_at(read, with_offset(at.frame_pointer, entry.sp_offset));
    case Base::sp_indirect: {
      const auto word = word_at(read, at.stack_pointer);
      return word ? std::optional(with_offset(*word, entry.sp_offset)) : std::nullopt;
    }
    default:
      return std::nullopt;  // a register that nobody saved
  }
}

// False where the chain ends.
bool unwind(const OrcTable& table, const ReadGuest& read, UnwindPoint* at) {
  using Base = OrcEntry::Base;
  using Type = OrcEntry::Type;
  const auto entry = table.at(at->returned_to ? at->address - 1 : at->address);
  if (!entry || entry->type == Type::undefined || entry->type == Type::end_of_stack) return false;
  const auto frame = frame_of(*entry, read, *at);
  if (!frame) return false;
  UnwindPoint caller = *at;
  if (entry->type == Type::call) {
    const auto address = word_at(read, *frame - 8);
    if (!address) return false;
    caller = {*address, *frame, at->frame_pointer, true};
  } else {
    const bool whole = entry->type == Type::registers;
    if (!read_interrupt_frame(read, *frame + (whole ? saved_by_cpu : 0), &caller)) return false;
    if (whole && entry->bp_base == Base::undefined) {
      const auto saved = word_at(read, *frame + saved_frame_pointer);
      if (!saved) return false;
      caller.frame_pointer = *saved;
    }
  }
  if (entry->bp_base == Base::previous_sp || entry->bp_base == Base::bp) {
    const std::uint64_t base = entry->bp_base == Base::bp ? at->frame_pointer : *frame;
    const auto saved = word_at(read, with_offset(base, entry->bp_offset));
    if (!saved) return false;
    caller.frame_pointer = *saved;
  }
  *at = caller;
  return true;
}

}  // namespace

bool read_interrupt_frame(const ReadGuest& read, std::uint64_t address, UnwindPoint* out) {
  std::uint64_t words[pushed_words] = {};
  if (!read(address, words, sizeof(words))) return false;
  out->address = words[0];
  out->stack_pointer = words[3];
  out->returned_to = false;
  return !is_user(words[1]);
}

std::vector<std::uint64_t> unwound(const OrcTable& table, const ReadGuest& read, UnwindPoint from,
                                   std::size_t at_most) {
  std::vector<std::uint64_t> addresses;
  while (addresses.size() < at_most && unwind(table, read, &from)) addresses.push_back(from.address);
  return addresses;
}

}  // namespace loopgate
