// comparison.json: the statistics of each kernel x load, its repetitions pooled, and the inputs that two runs
// must share to be compared. The file alone can serve as a baseline.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/units.h"
#include "record/hunt_file.h"
#include "record/run_record.h"
#include "record/unconfirmed_argument.h"
#include "record/worst_case.h"
#include "stats/program_evidence.h"
#include "stats/summary.h"
#include "stats/tail.h"

namespace loopgate {

// A cell that is not measured.
struct UnmeasuredCell {
  std::string cell;
  std::string outcome;  // "kernel_failed", "invalid" or "missing"
  std::string reason;
  bool unreadable = false;     // a file of it is damaged, altered or another cell's; not in comparison.json
  std::string next_step = {};  // as its outcome has it; neither is this
  // It ended too early to pass, and is in the group's figures: a latency in it that breaks a limit breaks it.
  // Nor is this.
  bool seen_holds = false;
  bool kernel_failed() const { return outcome == "kernel_failed"; }
};

// A measured cell: one of several replicates of a kernel under a load. On virtual time it is one trajectory,
// with a schedule of its own; on a board, a boot.
struct Replicate {
  std::string cell;
  SampleCounts counts;
  std::optional<LatencyFigures> latency;
  std::optional<LatencyFigures> latency_with_not_sent;
  std::shared_ptr<const Tail> tail;  // null when read back from comparison.json, which has figures alone
  std::optional<DecisionCounts> decisions = {};  // where the suite asks for them; nothing when read back
  // Of all that decides a trajectory on virtual time, and of what came out; empty in files older than these.
  std::string inputs_sha256 = {};
  std::string samples_sha256 = {};
  std::shared_ptr<const Course> course = {};       // null when read back
  std::optional<LostEdges> lost_edges = {};        // where it lost any; nothing when read back
  std::vector<std::uint64_t> waited_in_vain = {};  // as in CellStatistics; empty when read back
};

// All that was measured of a kernel under a load.
struct GroupEvidence {
  std::string kernel;
  std::string load;
  std::vector<std::string> cells;       // all that the run planned
  std::vector<UnmeasuredCell> invalid;  // those of them that are left out of the figures
  std::vector<Replicate> replicates;    // the others; none of what an instrument gives as one whole
  Summary summary;                      // of the replicates, pooled
  std::shared_ptr<const Tail> pooled;   // the same; null when read back
  // Why late, not sent and wrong are not known, and unanswered only as far as `pooled` has them censored;
  // empty where each stimulus is recorded, and `summary` has them.
  std::string not_counted = {};
  Stationarity stationarity =
      {};  // without its blocks when read back; not tested where there is no order in time
  // What its kernel is: image, arguments in effect and tuning. Empty where it is not known, or where its
  // cells were not of one kernel.
  std::string kernel_in_effect_sha256 = {};
  std::vector<UnconfirmedArgument> unconfirmed_arguments =
      {};                                    // of its kernel, in any of its cells (stats/unconfirmed.h)
  std::optional<LostEdges> lost_edges = {};  // of its cells that lost any; nothing when read back
  std::vector<std::string> same_kernel_as =
      {};  // the run's other kernels that are this one under another name
  // What measured by itself, in place of an instrument or beside it; no check holds its figures against an
  // instrument's. Nothing when read back.
  std::vector<ProgramEvidence> programs = {};
  // What `bound` composed of its cells, where these are still of the same samples; or why it could not be
  // read. Nothing when read back.
  std::vector<CellWorstCase> worst_cases = {};
  std::string worst_case_problem = {};
  // What `hunt` found in them, likewise.
  std::vector<HuntedCell> hunted = {};
  std::string hunt_problem = {};
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
  std::vector<GroupEvidence> groups;  // by load, then kernel, as in run.json
  Provenance made_with = {};
  // Of the files that `bound` and `hunt` left, as they are. Nothing when read back.
  std::string worst_case_sha256 = {};
  std::int64_t response_timeout_ns = 0;  // of the run's own statistics; 0 when read back, or not known
  // The program that took the figures of itself, such as cyclictest; empty where an instrument measured.
  std::string self_measured_by = {};
  std::vector<std::string> programs = {};  // that measured by themselves; else empty
  // Of those, by its name: after how long it is killed. Empty when read back.
  std::map<std::string, std::int64_t> program_timeout_s = {};
  bool has_decisions = false;  // whether the suite's responses carry one; false when read back
  std::vector<std::string> programs_left_out = {};  // of the suite, by --program; empty when read back
  std::int64_t cpus = 1;                            // of a virtual board,
  std::int64_t slice_ns = 0;                        // which take turns of that, where they are several
  bool bench_trusted = true;                        // record/bench_health.h; true when read back
  std::string probe = {};  // in the kernel, which everything was measured with; empty: none

  // In place of a payload: no group has replicates.
  bool has_programs_alone() const { return !programs.empty() && samples == 0; }
};

// What was counted, in the words of what measured: an instrument sent stimuli, cyclictest had cycles.
Noun counted_noun(const Comparison& comparison);

// The cells of which a file could not be read.
std::vector<std::string> unreadable_cells(const Comparison& comparison);

const GroupEvidence* find_group(const Comparison& comparison, const std::string& kernel,
                                const std::string& load);

// What run.json says, with a group for each kernel x load and no figures yet.
Comparison describe(const RunRecord& run);

std::string to_json(const Comparison& comparison);

// A data error when the file is missing or damaged. The `worst` samples are not read back, and there are no
// tails.
Result<Comparison> read_comparison(const std::filesystem::path& path);
Result<Comparison> parse_comparison(std::string_view text, const std::string& name);

}  // namespace loopgate
