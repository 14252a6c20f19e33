// bisect.json: the status of a bisection while it goes on, and its answer. Written whole after each step.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/listed_change.h"
#include "record/run_record.h"
#include "record/step_result.h"

namespace loopgate {

inline constexpr const char* bisect_file = "bisect.json";

struct BisectStep {
  std::string name;                   // of its folder: "good", "bad", "1"
  std::vector<std::int64_t> changes;  // that it has of the bad end, as indices of all
  std::string commit;                 // of them this one; empty: the bad end's, or there are none
  std::string reverted;               // taken back on top; empty: none
  std::string what;                   // as people read it
  StepResult result = StepResult::undecided;
  std::string why;
  std::string kernel_sha256;    // of image, modules, arguments and tuning; empty where there is no image
  std::string same_as;          // the step of the same kernel, which this result is; empty: it was measured
  std::string quantity;         // what is held against the good end, such as p50; empty: nothing is
  std::optional<double> seen;   // its ratio to the good end
  std::optional<double> limit;  // above which it is bad
  bool kernel_failed = false;   // it panicked, hung or did not boot
  double total_s = 0;           // of the host's time
};

struct BisectAnswer {
  std::vector<std::int64_t> changes;           // indices of `changes`: the good end with them is bad
  std::vector<std::int64_t> not_shown_needed;  // those of them without which it could not be judged
  std::vector<std::string> commits;            // the first bad one, or all that may be it
  std::optional<std::string> taken_back;       // what the bad end is without them; null: could not be tried
  std::string text;
  bool sure = false;  // one culprit, minimal, and the bad end is good without it
};

struct BisectRecord {
  std::string inputs_sha256;  // of all that decides a step; another bisection has another
  NamedInput suite;
  NamedInput board;
  std::vector<NamedInput> loads;
  NamedInput policy;
  NamedInput good;
  NamedInput bad;
  std::vector<ListedChange> changes;
  std::vector<std::string> commits;
  std::vector<BisectStep> steps;
  std::optional<BisectAnswer> answer;  // null while it goes on
};

// Sealed (record/seal.h).
std::string to_json(const BisectRecord& record);
// A data error names the key. `name` stands for the file.
Result<BisectRecord> parse_bisect_record(std::string_view text, const std::string& name);

}  // namespace loopgate
