#include "run/outcome.h"

namespace loopgate {

const char* name_of(OutcomeKind kind) {
  switch (kind) {
    case OutcomeKind::measured:
      return "measured";
    case OutcomeKind::kernel_failed:
      return "kernel_failed";
    case OutcomeKind::invalid:
      return "invalid";
  }
  return "invalid";
}

std::string to_json(const Outcome& outcome, const Plan& plan, const Cell& cell) {
  using nlohmann::json;
  json document = {
      {"format", 1},
      {"cell", cell.name},
      {"suite", plan.suite.name},
      {"board", plan.board.name},
      {"kernel", plan.kernels[cell.kernel].name},
      {"load", plan.loads[cell.load].name},
      {"repetition", cell.repetition},
      {"time_base", name_of(plan.board.time_base())},
      {"outcome", name_of(outcome.kind)},
      {"reason", outcome.reason},
      {"next_step", outcome.next_step},
      {"samples_sha256", outcome.samples_sha256.empty() ? json(nullptr) : json(outcome.samples_sha256)},
      {"frames_sha256", outcome.frames_sha256.empty() ? json(nullptr) : json(outcome.frames_sha256)},
      {"stamps_sha256", outcome.stamps_sha256.empty() ? json(nullptr) : json(outcome.stamps_sha256)},
      {"records", outcome.records},
      {"self_check", {{"passed", outcome.self_check_passed}, {"checks", outcome.self_checks}}},
      {"verified_determinism", outcome.verified_determinism},
      {"spurious_responses", outcome.spurious_responses},
      {"host_seconds",
       {{"boot", outcome.boot_s},
        {"to_first_stimulus", outcome.to_first_stimulus_s},
        {"total", outcome.total_s}}}};
  if (outcome.wire_share_ns) document["self_check"]["wire_share_ns"] = *outcome.wire_share_ns;
  return document.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace loopgate
