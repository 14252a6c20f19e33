// A PC's GPIO controller with wires on it: QEMU has none whose lines raise interrupts, so the jumper brings
// its own. The registers are those of an Intel Bay Trail (Atom E3800: many industrial PCs have one), as far
// as Linux's driver (drivers/pinctrl/intel/pinctrl-baytrail.c, built into Debian's kernels) uses them for
// edges. Pure: no QEMU here.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <vector>

#include "qemu/plugin/jumper_wire.h"

namespace loopgate {

class BaytrailGpio {
 public:
  static constexpr std::uint64_t size = 0x1000;

  // `interrupt` hears each change of the controller's interrupt line. Wires join the lines 0 to 7.
  BaytrailGpio(std::vector<JumperWire> wires, std::function<void(bool raised)> interrupt);

  // Words of 32 bits, at their offsets.
  std::uint32_t read(std::uint64_t offset) const;
  void write(std::uint64_t offset, std::uint32_t value);

 private:
  static constexpr int pads = 128;  // of 16 bytes each
  struct Pad {
    std::uint32_t configuration = 0;
    std::uint32_t value = 2;  // an input: its output is not enabled
    bool outside = false;     // the level that a wire brings
  };

  bool drives(int line) const;
  void carry(const JumperWire& wire);
  void tell();

  std::vector<JumperWire> wires_;
  std::function<void(bool)> interrupt_;
  std::array<Pad, pads> pads_;
  std::array<std::uint32_t, 4> status_{};  // a bit a line that has seen its edge; written ones clear
  bool raised_ = false;
};

}  // namespace loopgate
