// libFuzzer: whatever the bytes, the board is refused in one sentence or all of it is in range.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "config/board.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto board = loopgate::parse_board({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  if (!board) {
    if (board.error().kind != loopgate::ErrorKind::usage || board.error().what.empty()) std::abort();
    return 0;
  }
  if (board->cpus < 1 || (board->cpus > 4 && board->is_virtual())) std::abort();
  if (board->is_virtual() && (board->cpus > 1) != (board->qemu().slice_ns > 0)) std::abort();
  if (!board->is_virtual() && !board->ssh().folder.starts_with('/')) std::abort();
  if (board->gpio_chip.empty() != (board->lines.stimulus < 0)) std::abort();
  if ((board->lines.stimulus_out < 0) != (board->lines.response_in < 0)) std::abort();
  for (const int measured : board->measured_cpus) {
    if (measured < 0 || measured >= board->cpus) std::abort();
    for (const int cpu : board->housekeeping_cpus)
      if (cpu == measured) std::abort();
  }
  return 0;
}
