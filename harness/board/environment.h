// What a board was like around a cell: its clock source, governors, C-states, temperature and whether it was
// throttled. Looked at by a script of the shell's own means before and after; while measuring, temperature
// and throttling alone, since each look wakes a shell on the board.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/board.h"

namespace loopgate {

struct IdleState {
  int cpu = 0;
  std::string name;
  bool enabled = true;
};

// What could not be read is empty.
struct Look {
  std::string clock_source;
  std::map<int, std::string> governors;         // by CPU
  std::map<int, std::int64_t> frequencies_khz;  // by CPU
  std::vector<IdleState> idle_states;
  std::optional<double> temperature_c;
  std::string throttled;  // the file's content
  std::optional<std::int64_t> throttled_counter;
};

// For the board's sh. It starts no program, but the one that keeps it off the measured CPUs.
std::string look_script(const Board& board);
std::string quick_look_script(const Board& board);

// A data error when it is no answer of such a script.
Result<Look> parse_look(const std::string& answer);

// Asks the board of one cell after the other, and leaves environment.json in the cell's folder.
class Environment {
 public:
  using Ask = std::function<Result<std::string>(const std::string& script)>;

  explicit Environment(Board board) : board_(std::move(board)) {}

  // Errors: the board's.
  Status before(const Ask& ask);
  // Never fails: a look that did not succeed is counted.
  void during(const Ask& ask);
  Status after(const Ask& ask, const std::filesystem::path& cell_folder);

 private:
  nlohmann::json document() const;

  Board board_;
  Look before_;
  Look after_;
  int looks_ = 0;  // while measuring
  int failed_looks_ = 0;
  std::optional<double> hottest_c_;
  std::string throttled_;  // the first that was not 0
};

// Why the cell is INVALID, from what environment.json says: the board was throttled, or hotter than its
// limit, or on another clock at the end; or it never told what its file asks for.
Status check_environment(const nlohmann::json& document, const Board& board);

// Whether a throttle file's content says that the board was throttled.
bool is_throttled(const std::string& content);

}  // namespace loopgate
