// A call chain of an x86 kernel, told by its unwind tables. Knows nothing of QEMU.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "qemu/plugin/orc_table.h"

namespace loopgate {

// Where code goes on.
struct UnwindPoint {
  std::uint64_t address = 0;
  std::uint64_t stack_pointer = 0;
  std::uint64_t frame_pointer = 0;  // the register's content, whatever the code uses it for
  bool returned_to = false;         // the address is behind a call
};

// The addresses at which its callers, and what they interrupted, go on; innermost first. Ends where user
// space begins, or where a frame can't be told: of code that the tables do not know (a module's), or of
// which they say so.
std::vector<std::uint64_t> unwound(const OrcTable& table, const ReadGuest& read, UnwindPoint from,
                                   std::size_t at_most = 64);

// What the CPU pushes when an exception is taken: where the interrupted code goes on.
bool read_interrupt_frame(const ReadGuest& read, std::uint64_t address, UnwindPoint* out);

}  // namespace loopgate
