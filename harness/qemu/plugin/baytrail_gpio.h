// The registers of an Intel Bay Trail's GPIO controller (Atom E3800: many industrial PCs have one), as far as
// Linux's driver (drivers/pinctrl/intel/pinctrl-baytrail.c, built into Debian's kernels) uses them for edges.
// Pure: no QEMU here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

namespace loopgate {

class BaytrailGpio {
 public:
  static constexpr std::uint64_t size = 0x1000;

  static constexpr int lines = 8;  // those that can be wired: 0 to 7

  static constexpr int pads = 128;  // of 16 bytes each
  struct Pad {
    std::uint32_t configuration = 0;
    std::uint32_t value = 2;    // an input: its output is not enabled
    std::uint32_t outside = 0;  // the level that the outside brings
  };
  // All that it remembers. Plain data: a saved machine holds it.
  struct Registers {
    std::array<Pad, pads> pads;
    std::array<std::uint32_t, 4> status{};  // a bit a line that has seen its edge; written ones clear
    std::uint32_t raised = 0;               // its interrupt line
  };

  // `interrupt` hears each change of the controller's interrupt line. `registers` stay the caller's.
  BaytrailGpio(std::function<void(bool raised)> interrupt, Registers* registers);

  // The level that the outside brings to a line.
  void set_input(int line, bool level);
  // `hear` gets a line's level whenever the guest writes its value.
  void connect_output(int line, std::function<void(bool level)> hear);

  // Words of 32 bits, at their offsets.
  std::uint32_t read(std::uint64_t offset) const;
  void write(std::uint64_t offset, std::uint32_t value);

 private:
  bool drives(int line) const;
  void update_interrupt();

  std::function<void(bool)> interrupt_;
  std::array<std::function<void(bool)>, lines> outputs_;
  Registers& registers_;
};

}  // namespace loopgate
