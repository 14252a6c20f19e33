#include "run/judge_probe.h"

#include "base/file.h"
#include "base/text.h"
#include "protocol/exit_text.h"
#include "record/artifacts.h"
#include "run/judge.h"

namespace loopgate {
namespace {

// In its own words where it has some: "probe: WHAT -> WHAT TO DO".
void judge_end(const ProbeReport& probe, Outcome* outcome) {
  const std::string words = last_line(probe.errors);
  const std::size_t arrow = words.find(" -> ");
  if (words.starts_with("probe: ") && arrow != std::string::npos)
    return set_invalid(outcome, words.substr(0, arrow), words.substr(arrow + 4));
  set_invalid(outcome, "the probe ended abnormally: it " + probe.exit, "see report.probe in evidence.json");
}

}  // namespace

void judge_probe(const CellRequest& request, const Report& report, Outcome* outcome) {
  if (!request.job.probe) return;
  if (!report.probe)
    return set_invalid(outcome, "the agent's report has nothing of the probe that was asked for");
  if (!exited_well(report.probe->exit)) return judge_end(*report.probe, outcome);
  if (!request.job.probe->in_report) return;
  auto written = write_file_atomically(request.folder / probe_artifact.name, report.probe->file);
  if (written && !request.job.probe->trace.empty())
    written = write_file_atomically(request.folder / trace_artifact.name, report.probe->trace);
  if (!written) set_invalid(outcome, written.error().what);
}

void move_findings(nlohmann::json* evidence) {
  const auto report = evidence->find("report");
  if (report == evidence->end() || !report->is_object() || !report->contains("probe")) return;
  nlohmann::json& probe = (*report)["probe"];
  if (!probe.is_object()) return;
  probe.erase("file");
  probe.erase("trace");
  (*evidence)["probe"] = probe["findings"];
  probe.erase("findings");
}

}  // namespace loopgate
