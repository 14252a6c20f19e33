// A board's state around a cell: clock source, governors, C-states, temperature and throttling. A script that
// uses shell built-ins only reads all of it before and after; while measuring, only temperature and
// throttling are polled, since each poll wakes a shell on the board.
#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "board/run_script.h"
#include "config/board.h"

namespace loopgate {

struct IdleState {
  int cpu = 0;
  std::string name;
  bool enabled = true;
};

// Values that could not be read are empty.
struct Snapshot {
  std::string clock_source;
  std::map<int, std::string> governors;         // by CPU
  std::map<int, std::int64_t> frequencies_khz;  // by CPU
  std::vector<IdleState> idle_states;
  std::optional<double> temperature_c;
  std::string throttled;  // the file's content
  std::optional<std::int64_t> throttled_counter;
};

// For the board's sh. Starts no program except taskset, which keeps it off the measured CPUs.
std::string snapshot_script(const Board& board);
std::string poll_script(const Board& board);

// Errors: data, when the text is not the output of such a script.
Result<Snapshot> parse_snapshot(const std::string& answer);

// Reads the board's state for one cell after the other, and writes environment.json into the cell's folder.
class Environment {
 public:
  explicit Environment(Board board) : board_(std::move(board)) {}

  // Errors: the board's.
  Status before(const RunScript& run_script);
  // Never fails: counts a failed poll.
  void during(const RunScript& run_script);
  Status after(const RunScript& run_script, const std::filesystem::path& cell_folder);

 private:
  nlohmann::json document() const;

  Board board_;
  Snapshot before_;
  Snapshot after_;
  int polls_ = 0;  // while measuring
  int failed_polls_ = 0;
  std::optional<double> hottest_c_;
  std::string throttled_;  // the first that was not 0
};

// Why environment.json makes the cell INVALID: the board was throttled, or hotter than its limit, or changed
// its clock source; or a value that its file requires could not be read.
Status check_environment(const nlohmann::json& document, const Board& board);

// Whether a throttle file's content says that the board was throttled.
bool is_throttled(const std::string& content);

}  // namespace loopgate
