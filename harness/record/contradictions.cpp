#include "record/contradictions.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {
namespace {

std::string missing_digest(const Artifact& artifact) {
  return fmt::format("it is measured, and has no digest of {}", artifact.name);
}

// In virtual time a known delay is measured exactly; through wires and interrupts it takes longer.
bool passed(const SelfCheck& check, TimeBase time_base) {
  return time_base == TimeBase::virtual_time ? check.measured_ns == check.known_ns
                                             : check.measured_ns >= check.known_ns;
}

std::string of_self_checks(const Outcome& outcome, const RunRecord& run) {
  if (!outcome.self_check_passed) return "it is measured, and the instrument's self-check did not pass";
  if (run.is_capture()) return {};  // whose instrument has no known delay to measure
  if (outcome.self_checks.size() != run.self_checks)
    return fmt::format("it is measured, and has {} of {} self-checks", outcome.self_checks.size(),
                       run.self_checks);
  const auto failed = std::ranges::find_if_not(
      outcome.self_checks, [&](const SelfCheck& check) { return passed(check, run.time_base); });
  if (failed == outcome.self_checks.end()) return {};
  return fmt::format("its self-check passed, and measured {} ns where {} ns are known", failed->measured_ns,
                     failed->known_ns);
}

std::string of_measured(const Outcome& outcome, const RunRecord& run) {
  if (!outcome.reason.empty())
    return fmt::format("it is measured, and has a reason why not: {}", outcome.reason);
  if (!outcome.next_step.empty())
    return fmt::format("it is measured, and has a next step for who could not: {}", outcome.next_step);
  // What says that load, tuning and kernel were as asked for: without it nothing was measured. Of what a
  // logic analyser saw nobody knows them.
  if (!run.is_capture() && outcome.sha256_of(evidence_artifact).empty())
    return missing_digest(evidence_artifact);
  if (run.has_programs_alone())
    return outcome.sha256_of(programs_artifact).empty() ? missing_digest(programs_artifact) : std::string();
  if (outcome.sha256_of(samples_artifact).empty()) return missing_digest(samples_artifact);
  if (outcome.records == 0) return "it is measured, and has no records";
  return of_self_checks(outcome, run);
}

}  // namespace

std::string contradiction_in(const Outcome& outcome, const RunRecord& run) {
  if (outcome.kind == OutcomeKind::measured) return of_measured(outcome, run);
  if (outcome.reason.empty()) return fmt::format("it is {}, and has no reason", name_of(outcome.kind));
  if (outcome.verified_determinism)
    return fmt::format("it is {}, and was measured twice with equal samples", name_of(outcome.kind));
  return {};
}

}  // namespace loopgate
