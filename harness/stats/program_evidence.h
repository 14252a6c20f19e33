// What the programs of a kernel x load came to that measured by themselves, replicate by replicate.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/program_result.h"
#include "base/result.h"
#include "record/outcome.h"
#include "record/run_record.h"
#include "stats/tail.h"

namespace loopgate {

// How long stimuli came, and for how much of that time the program ran beside the payload.
struct TimeBeside {
  std::int64_t stimuli_ns = 0;
  std::int64_t measured_ns = 0;
};

// The figure that people look at: the instructions of an iteration where there are some; else a maximum, the
// last of several, which are of a path in the order in which it goes; else a time; else the first. Null where
// there is none.
const ProgramFigure* chief_figure(const ProgramResult& result);

struct ProgramReplicate {
  std::string cell;
  ProgramResult result;
  std::shared_ptr<const Tail> tail;       // null where there is no histogram
  std::optional<TimeBeside> beside = {};  // nothing where it ran in place of a payload, or did not run
  std::string file_sha256 = {};           // of its cell's programs.json
};

struct ProgramEvidence {
  std::string program;
  std::vector<ProgramReplicate> replicates;  // the measured ones

  // The worst that came of it: invalid, fail, inconclusive, not applicable, pass.
  ProgramVerdict worst() const;
};

// Those of a measured cell, in the order of run.json. A data error where they are damaged, altered, or not
// what was planned.
Result<std::vector<ProgramReplicate>> read_cell_programs(const std::filesystem::path& cell_folder,
                                                         const Outcome& outcome, const DescribedCell& cell,
                                                         const RunRecord& run);

// comparison.json's `programs` of a group.
nlohmann::ordered_json to_json(const std::vector<ProgramEvidence>& programs);

}  // namespace loopgate
