// The kernel's own unwind tables (ORC, Documentation/arch/x86/orc-unwinder.rst), by which a stack without
// frame pointers is told, as they lie in the guest's memory. Knows nothing of QEMU.
//
// No symbol of a function leads to them, so they are looked for: offsets of 32 bits, each from its own place
// to an instruction, sorted by these, and directly behind them as many descriptions of six bytes. Nothing
// else in a kernel looks like that for so long, and what is found is checked to its end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace loopgate {

// Reads the guest's memory. False where it is not mapped.
using ReadGuest = std::function<bool(std::uint64_t address, void* out, std::size_t size)>;

// How the frame of the code from an instruction on is told (Linux 6.4 and later).
struct OrcEntry {
  enum class Type : std::uint8_t { undefined, end_of_stack, call, registers, interrupt_frame };
  // What an offset counts from.
  enum class Base : std::uint8_t {
    undefined,
    previous_sp,
    dx,
    di,
    bp,
    sp,
    r10,
    r13,
    bp_indirect,
    sp_indirect
  };

  std::int16_t sp_offset = 0;
  std::int16_t bp_offset = 0;
  Base sp_base = Base::undefined;
  Base bp_base = Base::undefined;
  Type type = Type::undefined;
  bool signal = false;  // the CPU was interrupted there: the address is no return address
};

class OrcTable {
 public:
  // Of the kernel whose code begins there. Nothing where its memory has no such table.
  static std::optional<OrcTable> find(std::uint64_t text_begin, const ReadGuest& read);

  // Nothing where the table does not know the address.
  std::optional<OrcEntry> at(std::uint64_t address) const;

 private:
  std::vector<std::uint64_t> addresses_;
  std::vector<std::uint8_t> entries_;
};

}  // namespace loopgate
