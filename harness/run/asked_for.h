// Asked for, and what became of it: a row for each thing that the files of a cell ask for, with what was read
// back of it. evidence.json has the rows as `asked_for`; here are their form, their writer and their reader.
// Pure, but for the reader.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

enum class AskedState {
  in_effect,      // it was read back, and is as it was asked for
  known,          // it was taken; nothing tells more
  not_told,       // nobody says what became of it
  unknown,        // the kernel did not know it and handed it to user space
  not_in_effect,  // it was read back, and is not as it was asked for
};

// "in effect", "known", "not told", "unknown" or "not in effect".
const char* name_of(AskedState state);

// It is unknown or not in effect.
bool did_nothing(AskedState state);

struct AskedFor {
  std::string by;     // whose file asks for it: kernel, load, suite or board
  std::string kind;   // of what it is, in a word or two: argument, tuning, check, option, ...
  std::string asked;  // preempt=full
  AskedState became = AskedState::not_told;
  std::string read_back = {};  // what says so; empty where nothing does

  bool operator==(const AskedFor&) const = default;
};

// What was compared says both.
AskedState as_asked(bool yes);

// The rows of evidence.json, in their order.
nlohmann::json to_json(const std::vector<AskedFor>& rows);

// Those of a cell that was judged. A data error where evidence.json is missing, damaged, or of an earlier
// version, which had other rows.
Result<std::vector<AskedFor>> read_asked_for(const std::filesystem::path& cell_folder);
// Of the file's text; `name` stands for it.
Result<std::vector<AskedFor>> parse_asked_for(std::string_view text, const std::string& name);

// What did nothing, then what nobody tells, then the rest; else in their order.
std::vector<AskedFor> worst_first(std::vector<AskedFor> rows);

// evidence.json's own.
inline constexpr int evidence_format = 2;

}  // namespace loopgate
