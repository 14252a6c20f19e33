#include "run/cell_runner.h"

#include <filesystem>
#include <string>
#include <utility>

#include "base/file.h"
#include "run/describe_run.h"
#include "run/equal_runs.h"
#include "run/judge.h"

namespace loopgate {

namespace fs = std::filesystem;

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
  again.folder = request.folder / second_run_folder;
  const Outcome second = run_cell(machine, plan, cell, again, on_progress);
  if (second.kind != OutcomeKind::measured) {
    set_invalid(outcome, "the second, equal run did not come to its end: " + second.reason);
    return;
  }
  const std::string unequal = unequal_text({*outcome, request.folder}, {second, again.folder});
  if (unequal.empty()) {
    outcome->verified_determinism = true;
    std::error_code error;
    fs::remove_all(again.folder, error);
    if (error)
      set_invalid(outcome,
                  fmt::format("the second run's folder again/ cannot be removed: {}", error.message()));
    return;
  }
  set_invalid(outcome, "two equal runs gave " + unequal,
              "the second run's files are in the cell's folder again/");
}

}  // namespace loopgate
