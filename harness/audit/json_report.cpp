#include "audit/json_report.h"

#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

using nlohmann::ordered_json;

ordered_json finding_in(const AuditFinding& finding) {
  return {{"name", finding.name},         {"group", finding.group},
          {"title", finding.title},       {"judgement", name_of(finding.judgement)},
          {"seen", finding.seen},         {"from", finding.from},
          {"expected", finding.expected}, {"why", finding.why},
          {"change", finding.change}};
}

}  // namespace

std::string to_json(const Audit& audit) {
  ordered_json machine = ordered_json::object();
  for (const auto& [name, text] : audit.machine) machine[name] = text;
  ordered_json parameters = ordered_json::array();
  for (const AuditParameter& parameter : audit.parameters) {
    const bool given = !parameter.value.empty();
    parameters.push_back({{"name", parameter.name},
                          {"value", given ? ordered_json(parameter.value) : ordered_json()},
                          {"source", given ? ordered_json(parameter.source) : ordered_json()}});
  }
  ordered_json counts = ordered_json::object();
  for (const Judgement judgement :
       {Judgement::good, Judgement::attention, Judgement::unknown, Judgement::not_applicable})
    counts[name_of(judgement)] = audit.count(judgement);
  ordered_json findings = ordered_json::array();
  for (const AuditFinding& finding : audit.findings) findings.push_back(finding_in(finding));
  const ordered_json document = {
      {"format", 1},        {"rules", {{"file", audit.rules_file}, {"sha256", audit.rules_sha256}}},
      {"machine", machine}, {"parameters", parameters},
      {"counts", counts},   {"findings", findings}};
  return document.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace loopgate
