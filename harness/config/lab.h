// lab.toml: what is true of one bench only: where its boards are, how they are heard and how they are
// switched. Not for the repository; boards/lab.example.toml is its example.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/board.h"

namespace loopgate {

// A board that labgrid hands out instead of standing ready for this bench alone.
struct LabgridPlace {
  std::string coordinator;                  // "host:port"; empty: labgrid's own default
  std::string place;                        // by name,
  std::map<std::string, std::string> tags;  // or whichever has these
  int acquire_timeout_s = 600;              // how long, while others have it
};

struct LabBoard {
  std::string name;                  // the board's
  std::string ssh;                   // as ssh(1) takes it: a host of the user's configuration, or user@host;
                                     // empty: labgrid says
  std::filesystem::path ssh_config;  // ssh -F; empty: the user's own
  std::string console;               // "/dev/ttyUSB0", "tcp:HOST:PORT", "rfc2217:HOST:PORT"; empty: none
  int console_baud = 115200;
  std::string console_proxy;  // a TCP console's network is reached from this host, by ssh; empty: from here
  std::string ssh_proxy;      // the board's; from labgrid alone: an ssh_config has ProxyJump
  std::vector<std::string> power_off;  // argv; all empty: nobody can switch it
  std::vector<std::string> power_on;
  std::vector<std::string> power_cycle;  // instead of the two
  std::optional<LabgridPlace> labgrid;
  // Where the kind of board leaves it open, or this one is wired in another way; else empty.
  std::string gpio_chip;
  std::optional<PinLines> lines;  // all of them
  std::string root;               // the system's partition
  std::uint32_t check_edges = 0;  // as Board has it

  bool has_power() const { return !power_cycle.empty() || (!power_off.empty() && !power_on.empty()); }
};

// Whether ssh(1) takes this for one host, and for no option.
bool is_destination(const std::string& ssh);

// The table [BOARD] of the file. Errors: usage, with file, line and key; a file or table that is not there
// says what to copy from where. Paths in it are relative to the file.
Result<LabBoard> read_lab(const std::filesystem::path& path, const std::string& board);

// The same of text; `folder` is what relative paths are relative to.
Result<LabBoard> parse_lab(std::string_view text, const std::string& file_name,
                           const std::filesystem::path& folder, const std::string& board);

// The board as this bench has it: its check_edges, and its chip, lines and root where the bench names them. A
// usage error where neither does.
Result<Board> on_bench(Board board, const LabBoard& lab);

}  // namespace loopgate
