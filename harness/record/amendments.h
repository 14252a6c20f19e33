// cells/CELL/amendments.jsonl: what was found out of a cell after it was finished, one JSON object a line, in
// the order in which it was found. Lines are appended and never changed, and outcome.json stays as it was, so
// that a signature over it holds.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/outcome.h"

namespace loopgate {

// Why the cell is INVALID all the same. An amendment never makes a cell better than it was.
struct Amendment {
  std::string cell;
  std::string outcome_sha256;  // of the outcome.json that it is about
  std::string found_by;        // "health check"
  std::string reason;          // one sentence
  std::string next_step;
};

// One line, without its end.
std::string to_json(const Amendment& amendment);

// A data error for a line that is damaged, and for a last one that was cut off.
Result<std::vector<Amendment>> parse_amendments(std::string_view text, const std::string& name);

// Adds a line for the outcome that is in the folder. Gives its cell, digest and amendment themselves.
Status amend_outcome(const std::filesystem::path& cell_folder, const std::string& found_by,
                     const std::string& reason, const std::string& next_step);

// What the folder's amendments make of its outcome, whose file holds `outcome_text`. A data error for an
// amendment of another file.
Status apply_amendments(const std::filesystem::path& cell_folder, std::string_view outcome_text,
                        Outcome* outcome);

}  // namespace loopgate
