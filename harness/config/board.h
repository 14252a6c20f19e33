// boards/NAME.toml: the machine under test and its pins. Board facts only; one bench's addresses stand in
// lab.toml.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"

namespace loopgate {

// Lines of the board's GPIO controller, as the guest's chip numbers them. -1: not there.
struct PinLines {
  int stimulus = 0;     // input: the bench raises it
  int response = 1;     // output: the payload raises it
  int storm = 2;        // input
  int control_in = 4;   // input: "measuring is over"
  int control_out = 5;  // output: "the agent's state changed"
  int wire_out = -1;    // output that drives wire_in, as a jumper does on a board
  int wire_in = -1;
  int verdict = -1;  // output: what the response says, 1 is OK; may be the line of wire_out
  // Of the loopback program, which measures on the board itself; they may be the lines of wire_out and
  // wire_in.
  int stimulus_out = -1;  // output, wired to stimulus
  int response_in = -1;   // input, wired to response
};

struct QemuBoard {
  std::string binary;           // looked up in PATH
  std::string minimum_version;  // "10.0"
  std::string machine;          // -machine
  std::string cpu;              // -cpu
  int icount_shift = 0;         // an instruction takes 2^shift ns
  std::string controller;       // QEMU's type name of the GPIO controller
  std::string console;          // the guest's console device, for console=
};

struct Board {
  std::string name;
  std::string title;
  std::string architecture;  // Debian's name: arm64
  TimeBase time_base = TimeBase::virtual_time;
  int cpus = 1;
  int memory_mib = 512;
  std::string gpio_chip;  // the guest's label of the chip
  PinLines lines;
  std::vector<std::string> provides;
  QemuBoard qemu;
  std::string sha256;  // of the file
};

Result<Board> read_board(const std::filesystem::path& path);

}  // namespace loopgate
