// comparison.json: the statistics of each kernel x load, its repetitions pooled, and the inputs that two runs
// must share to be compared. The file alone can serve as a baseline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "record/run_record.h"
#include "stats/summary.h"

namespace loopgate {

// A cell that is not measured.
struct UnmeasuredCell {
  std::string cell;
  std::string outcome;  // "kernel_failed", "invalid" or "missing"
  std::string reason;
  bool kernel_failed() const { return outcome == "kernel_failed"; }
};

// A measured cell of a run in wall-clock time: one boot of the kernel, and one replicate.
struct Boot {
  std::string cell;
  SampleCounts counts;
  std::optional<LatencyFigures> latency;
  std::optional<LatencyFigures> latency_with_not_sent;
};

Boot boot_of(const std::string& cell, const CellStatistics& measured);

struct Group {
  std::string kernel;
  std::string load;
  std::vector<std::string> cells;       // all that the run planned
  std::vector<UnmeasuredCell> invalid;  // those of them that are left out of the figures
  std::vector<Boot> boots;              // the others, in wall-clock time only
  Summary summary;
};

struct Comparison {
  NamedInput suite;
  NamedInput board;
  bool emulator = false;
  TimeBase time_base = TimeBase::virtual_time;
  std::optional<std::int64_t> icount_shift;
  std::uint64_t samples = 0;  // counted stimuli planned for a cell
  std::int64_t deadline_ns = 0;
  std::vector<std::int64_t> interval_ns;
  std::vector<NamedInput> loads;
  std::vector<Group> groups;  // by load, then kernel, as in run.json
  Provenance made_with = {};
};

const Group* find_group(const Comparison& comparison, const std::string& kernel, const std::string& load);

// What run.json says, with a group for each kernel x load and no figures yet.
Comparison describe(const RunRecord& run);

std::string to_json(const Comparison& comparison);

// A data error when the file is missing or damaged. The `worst` samples are not read back.
Result<Comparison> read_comparison(const std::filesystem::path& path);
Result<Comparison> parse_comparison(std::string_view text, const std::string& name);

// The fields that a summary.json and a group share.
nlohmann::ordered_json summary_fields(const Summary& summary, std::int64_t deadline_ns, bool name_cells);

}  // namespace loopgate
