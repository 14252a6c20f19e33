#include "record/bench_health.h"

#include "record/outcome.h"

namespace loopgate {

namespace fs = std::filesystem;

fs::path health_folder(const fs::path& run_folder, const std::string& check) {
  return run_folder / "health" / check;
}

DescribedCell health_cell(const RunRecord& run, const std::string& check) {
  return {check, "known-good", "idle", check == "before" ? 1 : 2, run.cells.front().seed, ""};
}

bool found_sound(const fs::path& run_folder, const RunRecord& run, const std::string& check) {
  const auto outcome = read_outcome(health_folder(run_folder, check), run, health_cell(run, check));
  return outcome && outcome->kind == OutcomeKind::measured;
}

bool is_bench_trusted(const fs::path& run_folder, const RunRecord& run) {
  return !run.is_on_a_board() || found_sound(run_folder, run, "after");
}

}  // namespace loopgate
