// cost.json: what each difference between two kernels adds to a latency, and the steps that this was measured
// by. Written whole after each step.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "record/listed_change.h"
#include "record/run_record.h"

namespace loopgate {

inline constexpr const char* cost_file = "cost.json";

// A kernel between the two, measured by a run of its own.
struct CostStep {
  std::string name;                   // of its folder: "from", "from-again", "to", "to-rebuilt", "1"
  std::vector<std::int64_t> changes;  // that it has of the other kernel, as indices of all
  std::string what;                   // as people read it
  bool measured = false;
  std::string why;             // why not; empty where it is
  bool kernel_failed = false;  // it panicked, hung or did not boot
  std::string kernel_sha256;   // of image, modules, arguments and tuning; empty where there is no image
  std::string same_as;         // the step of the same kernel, whose figures these are; empty: it was measured
  std::vector<std::int64_t> by_ns;  // the quantity of each replicate, in the order of their schedules
  std::optional<double> p50_ns, p99_ns, max_ns;  // of the replicates, pooled
  std::int64_t stimuli = 0;
  std::optional<std::int64_t> image_bytes;  // of what is booted
  std::optional<double> boot_s;             // by the kernel's own clock, to its first program
  double total_s = 0;                       // of the host's time
};

// What is added, and between which bounds it is at the record's confidence.
struct AddedTime {
  double ns = 0;
  double low_ns = 0;
  double high_ns = 0;

  bool is_shown() const { return low_ns > 0 || high_ns < 0; }
};

// A function of the path of the median stimulus, and by how much longer it is.
struct FunctionCost {
  std::string function;
  std::int64_t ns = 0;
};

// One difference, or several that were not told apart.
struct CostRow {
  std::vector<std::int64_t> changes;
  std::string what;
  std::string before, after;  // names of the steps that it lies between
  AddedTime added;
  std::string not_divided;              // why several stand together; empty: it is one
  std::string without;                  // the step of the other kernel without it; empty: there is none
  std::optional<AddedTime> taken_out;   // what it takes back there, as what it adds
  std::string not_taken_out;            // why not; empty where it was
  std::vector<FunctionCost> functions;  // the largest first
  std::string functions_not_told;       // why not; empty where they are
};

// The differences of all rows that are no cost, taken out together: what costs only beside others hides in
// them.
struct HiddenCost {
  std::vector<std::int64_t> changes;
  std::string without;  // the step without them; empty: there is none
  std::optional<AddedTime> taken_out;
  std::string not_taken_out;  // why not; empty where it was
  std::vector<CostRow> rows;  // what each adds beside all others, where that is a cost
};

struct CostRecord {
  std::string inputs_sha256;  // of all that decides a step
  NamedInput suite, board, load;
  NamedInput from, to;
  bool on_virtual_time = true;  // else by the wall clock
  std::string by;               // the quantity, such as p50
  double least_ns = 0;          // below which nothing is divided any further
  double confidence = 0;        // of each interval, two-sided
  std::vector<ListedChange> changes;
  std::vector<ListedChange> left_out;  // differences of their .configs that no step has
  std::string left_out_why;
  std::vector<CostStep> steps;
  std::vector<CostRow> rows;              // in the order in which they are added
  std::optional<HiddenCost> hidden;       // null where each difference is in a row that costs
  std::optional<AddedTime> total;         // null while it goes on
  std::optional<AddedTime> chance;        // of the first kernel against itself,
  std::optional<AddedTime> chance_of_to;  // and of the last
  bool is_finished = false;
};

// It is shown, and not less than what is called a cost.
inline bool is_cost(const AddedTime& time, double least_ns) {
  return time.is_shown() && (time.ns >= least_ns || -time.ns >= least_ns);
}

// Of its replicates: what rows add sums up in it. 0 where it was not measured.
double mean_ns(const CostStep& step);

// Null where there is none of this name.
const CostStep* find_step(const CostRecord& record, const std::string& name);

// Sealed (record/seal.h).
std::string to_json(const CostRecord& record);
// A data error names the key. `name` stands for the file.
Result<CostRecord> parse_cost_record(std::string_view text, const std::string& name);

}  // namespace loopgate
