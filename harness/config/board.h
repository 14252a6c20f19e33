// boards/NAME.toml: the machine under test and its pins. Board facts only; one bench's addresses stand in
// lab.toml. A board is one of two kinds: QEMU plays it ([qemu]), and its figures are in virtual time, or it
// is reached over SSH ([boot]), and its figures are in wall-clock time.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/architecture.h"
#include "base/result.h"
#include "base/time_base.h"
#include "protocol/lines.h"

namespace loopgate {

// QEMU plays it, on virtual time.
struct QemuBoard {
  std::string binary;       // looked up in PATH
  std::string min_version;  // "10.0"
  std::string machine;      // -machine
  std::string cpu;          // -cpu
  int icount_shift = 0;     // an instruction takes 2^shift ns
  int slice_ns = 0;        // of several CPUs, which take turns: how long one runs before the next; 0: one CPU
  std::string controller;  // QEMU's type name of the GPIO controller, or own_controller
  std::string console;     // the guest's console device, for console=
  std::string arguments;   // more of the kernel's command line
};

// How a board boots a candidate once and comes back to its known-good kernel.
enum class BootMethod { tryboot, extlinux, grub, kexec };

const char* name_of(BootMethod method);

// It is reached over SSH and boots candidates; its figures are in wall-clock time.
struct SshBoard {
  BootMethod method = BootMethod::extlinux;
  std::string folder;                // on the board: where kernels go
  std::string root;                  // the board's own system: "/dev/mmcblk0p2"; empty: the bench's to name
  std::string console;               // "ttyAMA0,115200"
  std::vector<std::string> modules;  // loaded before the root is mounted, with what they need
  int boot_timeout_s = 180;          // a candidate that is not up by then did not boot
};

// What is asked for and can't be read makes a cell INVALID, unless it is optional.
struct Thermal {
  std::string zone;                   // type of a /sys/class/thermal zone; empty: not looked at
  double max_temperature_c = 80;      // hotter while measuring: INVALID
  std::string throttled;              // a file that is not 0 once the board was throttled; may be empty
  std::string throttled_counter;      // a file that counts since boot; another number afterwards: INVALID
  std::vector<std::string> optional;  // "zone", "throttled", "throttled_counter": not every kernel has it
};

bool is_optional(const Thermal& thermal, std::string_view key);

struct Board {
  std::string name;
  std::string title;
  Architecture architecture = Architecture::arm64;
  int cpus = 1;
  int memory_mib = 512;
  std::string gpio_chip;  // the guest's label of the chip; empty: chip and lines are the bench's to name
  PinLines lines;
  std::vector<std::string> provides;
  bool emulator = false;               // wall-clock figures that are no hardware's: reports say so
  std::vector<int> measured_cpus;      // the payload keeps to these; empty: any
  std::vector<int> housekeeping_cpus;  // the instrument's program keeps to the first; empty: any
  std::uint32_t check_edges = 0;       // the bench's: sent on each bare jumper before each cell, and counted
  std::string power_needs;             // for people: "5.1 V, 3 A"
  Thermal thermal;
  std::string sha256;  // of the file
  std::string toml;    // its text
  std::variant<QemuBoard, SshBoard> kind;

  bool is_virtual() const { return std::holds_alternative<QemuBoard>(kind); }
  // Of the board's clock; nothing where an instruction takes no fixed time, as beside another CPU's turns.
  std::optional<std::int64_t> ns_per_instruction() const {
    const auto* emulated = std::get_if<QemuBoard>(&kind);
    return emulated != nullptr && cpus == 1 ? std::optional(std::int64_t{1} << emulated->icount_shift)
                                            : std::nullopt;
  }
  TimeBase time_base() const { return is_virtual() ? TimeBase::virtual_time : TimeBase::wall_clock; }
  // Only of a board of that kind.
  const QemuBoard& qemu() const { return std::get<QemuBoard>(kind); }
  const SshBoard& ssh() const { return std::get<SshBoard>(kind); }
};

// Errors: usage, with file, line and key.
Result<Board> read_board(const std::filesystem::path& path);

// The same of text that stands in no file: without name and digest.
Result<Board> parse_board(std::string_view text, const std::string& file_name);

bool provides(const Board& board, std::string_view what);

// What a board provides that can carry a verdict: for a suite with decisions.
inline constexpr const char* provides_decisions = "decisions";

}  // namespace loopgate
