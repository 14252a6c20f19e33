// QEMU's command line for a board. Pure: equal inputs give equal arguments, since a single space on the
// kernel's command line changes the exact histogram.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "config/board.h"

namespace loopgate {

struct QemuFiles {
  std::filesystem::path kernel;
  std::filesystem::path initrd;
  std::filesystem::path memory;   // the guest's whole memory: written by the boot, only read after a restore
  std::filesystem::path channel;  // the shared memory
  std::size_t channel_size;       // bytes
  std::filesystem::path console;  // what the guest's serial port prints
  std::filesystem::path monitor;  // QMP socket
  std::filesystem::path acpi_table;  // of a board with own_controller: where the guest finds it
};

// A path within a QEMU option, whose parser splits at commas: a doubled one stands for itself.
std::string qemu_option_value(const std::filesystem::path& path);

// The kernel's whole command line: the board's part, the agent's, then the kernel file's own arguments.
std::string kernel_command_line(const Board& board, const std::string& arguments);

// The instrument brings the board's GPIO controller, and an ACPI table tells the guest of it.
bool brings_controller(const Board& board);

// `instrument` is what the instrument wants on the command line. QEMU starts paused. Without `restore`, the
// guest writes its memory into files.memory; with it, QEMU waits for a saved state, and what the guest writes
// stays its own.
std::vector<std::string> qemu_command(const Board& board, const QemuFiles& files,
                                      const std::string& command_line,
                                      const std::vector<std::string>& instrument, bool restore);

}  // namespace loopgate
