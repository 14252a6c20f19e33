// The end of an acceptance: its runs are judged and become one file.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "accept/begin.h"
#include "accept/describe.h"
#include "base/json.h"
#include "base/result.h"

namespace loopgate {

struct FinishedAcceptance {
  nlohmann::json document;  // acceptance.json
  std::vector<AcceptedRun> runs;
};

// "RUN/CELL: reason" of each cell that gave no figures, and not by the kernel's fault: it can be measured
// again.
std::vector<std::string> broken_cells(const std::filesystem::path& out, const AcceptancePlan& plan);

// Writes verdict.json of each run, acceptance.json and acceptance.lgb, in this order: the last one says that
// it is through, and is never written over.
Result<FinishedAcceptance> finish_acceptance(const std::filesystem::path& out, AcceptanceRecord record,
                                             const AcceptancePlan& plan);

// acceptance.lgb.intoto.json, of the bundle that is there. Nothing where the verdict has no place in one.
Result<std::optional<std::filesystem::path>> write_statement(const std::filesystem::path& out,
                                                             const nlohmann::json& document);

}  // namespace loopgate
