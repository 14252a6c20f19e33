#include "run/cell_runner.h"

#include <filesystem>
#include <map>
#include <string>
#include <utility>

#include "base/file.h"
#include "record/samples_file.h"
#include "run/describe_run.h"
#include "run/judge.h"

namespace loopgate {

namespace fs = std::filesystem;

namespace {

// What was measured. evidence.json names the cell's folder and the host's times, which another run has not.
std::map<std::string, std::string> measured_artifacts(Outcome outcome) {
  outcome.artifacts.erase(evidence_artifact.name);
  return std::move(outcome.artifacts);
}

}  // namespace

Outcome run_cell(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& request,
                 const ProgressListener& on_progress, std::optional<CellFigures>* figures) {
  Outcome outcome = unjudged_outcome(plan, cell);
  outcome.kind = OutcomeKind::measured;
  if (auto made = make_directories(request.folder); !made) {
    set_invalid(&outcome, made.error().what);
    return outcome;
  }
  if (request.kernel && !request.kernel->failed_check.empty()) {
    set_invalid(&outcome, request.kernel->failed_check, "this is not the kernel that its file describes");
    return outcome;
  }
  auto run = machine->run(request, on_progress);
  if (run) {
    auto judged = judge_cell(*run, plan, cell, request, &outcome);
    if (figures != nullptr) *figures = std::move(judged);
    return outcome;
  }
  outcome.kind = run.error().kind == ErrorKind::kernel ? OutcomeKind::kernel_failed : OutcomeKind::invalid;
  outcome.reason = run.error().what;
  outcome.next_step = run.error().next_step;
  return outcome;
}

void verify_determinism(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& request,
                        const ProgressListener& on_progress, Outcome* outcome) {
  if (outcome->kind != OutcomeKind::measured) return;
  CellRequest again = request;
  again.folder = request.folder / "again";
  const Outcome second = run_cell(machine, plan, cell, again, on_progress);
  if (second.kind != OutcomeKind::measured) {
    set_invalid(outcome, "the second, equal run did not come to its end: " + second.reason);
    return;
  }
  constexpr const char* next_step = "the second run's files are in the cell's folder again/";
  if (measured_artifacts(second) == measured_artifacts(*outcome)) {
    outcome->verified_determinism = true;
    std::error_code ignored;
    fs::remove_all(again.folder, ignored);
    return;
  }
  if (second.sha256_of(programs_artifact) != outcome->sha256_of(programs_artifact))
    return set_invalid(outcome, "two equal runs gave unequal programs.json", next_step);
  if (second.sha256_of(samples_artifact) == outcome->sha256_of(samples_artifact)) {
    set_invalid(outcome, "two equal runs gave equal samples and unequal frames.lgf", next_step);
    return;
  }
  auto difference = first_difference(request.folder / "samples.lgs", again.folder / "samples.lgs");
  set_invalid(outcome,
              "two equal runs gave unequal samples: " + (difference ? *difference : difference.error().what),
              next_step);
}

}  // namespace loopgate
