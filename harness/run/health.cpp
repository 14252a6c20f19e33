#include "run/health.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "run/cell_runner.h"
#include "run/runner.h"
#include "stats/summary.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr int health_samples = 300;

// The instrument and the payload are sound only where nothing is lost: on a kernel that is known to be good,
// an answer that never came is a wire's fault.
std::string lost_answers(const fs::path& folder, int samples) {
  const auto file = read_samples(folder / "samples.lgs");
  if (!file) return file.error().what;
  const auto unanswered = collect_statistics(*file, "").counts.unanswered;
  return unanswered == 0 ? std::string()
                         : fmt::format("{} of {} stimuli were not answered", unanswered, samples);
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
  const std::uint64_t seed = plan.cells.front().seed;
  health.cells = {{"before", 0, 0, 1, seed}, {"after", 0, 0, 2, seed}};
  return health;
}

Result<std::string> check_health(const Plan& health, const Cell& cell, const TargetImage& target,
                                 Machine* machine, const RunDirectory& directory, Progress* progress) {
  const CellRequest order =
      order_for(health, cell, std::nullopt, target, directory.path() / "health" / cell.name);
  const std::string name = "health check " + cell.name;
  std::error_code ignored;
  fs::remove_all(order.folder, ignored);
  Outcome outcome = run_cell(machine, health, cell, order, [&](Stage stage, const InstrumentEvent& event) {
    progress->observe(name, stage, event);
  });
  if (outcome.kind == OutcomeKind::measured) {
    if (std::string lost = lost_answers(order.folder, health.samples); !lost.empty()) {
      outcome.kind = OutcomeKind::invalid;
      outcome.reason = std::move(lost);
      outcome.next_step = "is each jumper on its pins? loopgate doctor --board " + health.board.name;
    }
  }
  const bool sound = outcome.kind == OutcomeKind::measured;
  progress->finished_aside(name, fmt::format("{}: {}", name, sound ? "the bench is sound" : outcome.reason));
  if (auto written = write_file_atomically(order.folder / "outcome.json", to_json(outcome, health, cell));
      !written)
    return tl::unexpected(written.error());
  return sound ? std::string() : outcome.reason;
}

bool was_sound(const RunDirectory& directory, const Cell& cell) {
  const auto text = read_file(directory.path() / "health" / cell.name / "outcome.json");
  const json outcome = json::parse(text.value_or(""), nullptr, false);
  return outcome.is_object() && outcome.value("outcome", "") == "measured";
}

void forget_health(const RunDirectory& directory, const Cell& cell) {
  std::error_code ignored;
  fs::remove_all(directory.path() / "health" / cell.name, ignored);
}

Status acquit_kernels(const RunDirectory& directory, const std::vector<Cell>& cells,
                      const std::string& reason) {
  for (const Cell& cell : cells) {
    const fs::path path = directory.folder_of(cell) / "outcome.json";
    json outcome = json::parse(read_file(path).value_or(""), nullptr, false);
    if (!outcome.is_object() || outcome.value("outcome", "") != "kernel_failed") continue;
    outcome["outcome"] = name_of(OutcomeKind::invalid);
    outcome["reason"] = fmt::format("{}: {}", reason, outcome.value("reason", "the kernel failed"));
    outcome["next_step"] = "measure this cell again with --resume, on a sound bench";
    if (auto written =
            write_file_atomically(path, outcome.dump(2, ' ', false, json::error_handler_t::replace) + "\n");
        !written)
      return written;
  }
  return {};
}

}  // namespace loopgate
