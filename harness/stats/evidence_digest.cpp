#include "stats/evidence_digest.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

Json to_digest(const NamedInput& input) { return {input.name, input.sha256}; }

Json to_digest(const ProgramEvidence& program) {
  Json replicates = Json::array();
  for (const ProgramReplicate& each : program.replicates) replicates.push_back({each.cell, each.file_sha256});
  return {program.program, std::move(replicates)};
}

Json to_digest(const GroupEvidence& group) {
  Json invalid = Json::array();
  for (const UnmeasuredCell& each : group.invalid)
    invalid.push_back({each.cell, each.outcome});  // a reason may name the folder
  Json replicates = Json::array();
  for (const Replicate& each : group.replicates) replicates.push_back({each.cell, each.samples_sha256});
  Json programs = Json::array();
  for (const ProgramEvidence& each : group.programs) programs.push_back(to_digest(each));
  return {group.kernel, group.load, group.cells, invalid, replicates, programs};
}

}  // namespace

std::string evidence_sha256(const Comparison& evidence) {
  Json groups = Json::array();
  for (const GroupEvidence& group : evidence.groups) groups.push_back(to_digest(group));
  Json loads = Json::array();
  for (const NamedInput& load : evidence.loads) loads.push_back(to_digest(load));
  const Json all = {to_digest(evidence.suite), to_digest(evidence.board), name_of(evidence.time_base), loads,
                    groups};
  return sha256_of(all.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace loopgate
