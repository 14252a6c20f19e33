// worst-case.json of a run: how long an answer can take at most, composed of what the kernel was recorded to
// do (analysis/bound.h), cell by cell. Derived. Times are virtual ns.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

inline constexpr const char* worst_case_file = "worst-case.json";

// The longest window of a kind; of no length where there was none.
struct LongestWindow {
  std::int64_t ns = 0;
  std::string function;  // who held it, as "free_pcppages_bulk"
  std::string task;
  bool operator==(const LongestWindow&) const = default;
};

// Terms that are windows.
inline constexpr std::string_view interrupts_off_term = "interrupts off";
inline constexpr std::string_view preemption_off_term = "preemption off";

// A part of the bound.
struct BoundTerm {
  std::string name;  // "preemption off"
  std::int64_t ns = 0;
  std::string from;  // the window or the sample that it was read off
  bool operator==(const BoundTerm&) const = default;
};

struct CellWorstCase {
  std::string cell;
  std::string kernel;
  std::string load;
  std::string samples_sha256;  // of the measured samples, which the recorded run repeated
  bool preemptible = false;    // the kernel preempts its own code (CONFIG_PREEMPTION)
  std::uint64_t samples = 0;   // answered and counted, of which each was recorded
  std::int64_t observed_max_ns = 0;
  LongestWindow longest_irq_off;
  LongestWindow longest_preempt_off;
  std::int64_t bound_ns = 0;
  std::vector<BoundTerm> terms;  // they add up to the bound
  // The worst hunted stimulus whose run was recorded, too (record/hunt_file.h): how long it took. What a hunt
  // finds later is not in the bound.
  std::optional<std::int64_t> with_hunted_ns = {};
  // In files of earlier versions, in which a hunt wrote it whether or not its run was recorded: not believed.
  std::optional<std::int64_t> hunted_max_ns = {};
  bool operator==(const CellWorstCase&) const = default;
};

struct WorstCases {
  std::vector<CellWorstCase> cells;
  bool operator==(const WorstCases&) const = default;
};

// A figure that a policy can limit, as KEY_us, and hold against that of another kernel or baseline.
struct WorstCaseQuantity {
  const char* key;
  const char* label;
  std::int64_t (*read)(const CellWorstCase&);  // null: it is a hunt's
};
extern const std::array<WorstCaseQuantity, 4> worst_case_quantities;
// Null for another key.
const WorstCaseQuantity* find_worst_case_quantity(std::string_view key);

// Null where the cell is not in it.
const CellWorstCase* find_worst_case(const WorstCases& all, std::string_view cell);

std::string to_json(const WorstCases& all);

// A data error where it is damaged, or its terms do not add up to the bound. What was measured above the
// bound is left to who has the samples.
Result<WorstCases> parse_worst_cases(std::string_view text, const std::string& name);

// Nothing where the run has no such file.
Result<std::optional<WorstCases>> read_worst_cases(const std::filesystem::path& run_folder);

// Gives the file's path.
Result<std::filesystem::path> write_worst_cases(const std::filesystem::path& run_folder,
                                                const WorstCases& all);

}  // namespace loopgate
