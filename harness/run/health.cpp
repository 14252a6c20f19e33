#include "run/health.h"

#include <fmt/format.h>

#include <algorithm>

#include "record/amendments.h"
#include "record/bench_health.h"
#include "record/samples_file.h"
#include "run/cell_request.h"
#include "run/cell_runner.h"
#include "stats/lost_edges_text.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr int health_samples = 300;

// The instrument and the payload are sound only where nothing is lost: on a kernel that is known to be good,
// an answer that never came is a wire's fault.
std::string lost_answers(const CellFigures& figures, int samples) {
  const std::uint64_t unanswered = figures.measured.counts.unanswered;
  return unanswered == 0 ? std::string()
                         : fmt::format("{} of {} stimuli were not answered", unanswered, samples);
}

bool has_unanswered(const fs::path& cell_folder) {
  const auto samples = load_samples(cell_folder);
  return samples && std::ranges::any_of(samples->file.samples, [](const Sample& sample) {
           return sample.counted() && sample.unanswered();
         });
}

}  // namespace

Plan health_plan(const Plan& plan) {
  Plan health = plan;
  Kernel own;
  own.name = "known-good";
  own.title = "the kernel that the board boots by itself";
  Load idle;
  idle.name = "idle";
  health.kernels = {own};
  health.loads = {idle};
  health.samples = std::min(plan.samples, health_samples);
  // Of programs that measure by themselves one is enough to see that the board runs them.
  if (auto* work = std::get_if<ProgramsWork>(&health.suite.work)) work->programs.resize(1);
  // One beside a payload says nothing of the bench.
  if (auto* work = std::get_if<ResponseWork>(&health.suite.work)) work->beside.reset();
  const std::uint64_t seed = plan.cells.front().seed;
  health.cells = {{"before", 0, 0, 1, seed}, {"after", 0, 0, 2, seed}};
  return health;
}

Result<std::string> check_health(const Plan& health, const Cell& cell, const TargetImage& target,
                                 Machine* machine, const RunDirectory& directory, Progress* progress) {
  const CellRequest request =
      request_for(health, cell, std::nullopt, target, health_folder(directory.path(), cell.name));
  const std::string name = "health check " + cell.name;
  TRY_STATUS(forget_health(directory, cell));
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    progress->update(name, stage, event);
  };
  std::optional<CellFigures> figures;
  Outcome outcome = run_cell(machine, health, cell, request, on_progress, &figures);
  if (outcome.kind == OutcomeKind::measured && figures) {
    if (std::string lost = lost_answers(*figures, health.samples); !lost.empty()) {
      outcome.kind = OutcomeKind::invalid;
      outcome.reason = std::move(lost);
      if (outcome.lost_edges)
        outcome.reason += "; " + lost_edges_text(*outcome.lost_edges, outcome.time_base);
      outcome.next_step = "is each jumper on its pins? loopgate doctor --board " + health.board.name;
    }
  }
  const bool sound = outcome.kind == OutcomeKind::measured;
  progress->finished_aside(name, fmt::format("{}: {}", name, sound ? "the bench is sound" : outcome.reason));
  TRY_STATUS(
      write_outcome(request.folder, outcome, directory.run(), health_cell(directory.run(), cell.name)));
  return sound ? std::string() : outcome.reason;
}

bool was_sound(const RunDirectory& directory, const Cell& cell) {
  return found_sound(directory.path(), directory.run(), cell.name);
}

Status forget_health(const RunDirectory& directory, const Cell& cell) {
  const fs::path folder = health_folder(directory.path(), cell.name);
  std::error_code failed;
  fs::remove_all(folder, failed);
  if (!failed) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: can't be removed, and would pass for a check of today: {}", folder.string(),
                          failed.message()));
}

Status mark_kernel_failures_invalid(const RunDirectory& directory, const std::vector<Cell>& cells,
                                    const std::string& reason) {
  for (const Cell& cell : cells) {
    const fs::path folder = directory.folder_of(cell);
    const auto outcome = directory.outcome_of(cell);
    if (!outcome || outcome->kind != OutcomeKind::kernel_failed) continue;
    TRY_STATUS(amend_outcome(folder, "health check", fmt::format("{}: {}", reason, outcome->reason),
                             "measure this cell again with --resume, on a sound bench"));
  }
  return {};
}

Status blame_no_kernel(const RunDirectory& directory, const std::vector<Cell>& cells,
                       const std::string& reason) {
  TRY_STATUS(mark_kernel_failures_invalid(directory, cells, reason));
  for (const Cell& cell : cells) {
    const fs::path folder = directory.folder_of(cell);
    const auto outcome = directory.outcome_of(cell);
    if (!outcome || outcome->kind != OutcomeKind::measured || !has_unanswered(folder)) continue;
    TRY_STATUS(amend_outcome(folder, "health check", reason + ": stimuli of it had no answer",
                             "measure this cell again with --resume, on a sound bench"));
  }
  return {};
}

}  // namespace loopgate
