#include "run/resume_line.h"

#include <algorithm>
#include <vector>

#include "base/process.h"
#include "record/outcome.h"
#include "run/contenders.h"
#include "run/given_files.h"

namespace loopgate {
namespace {

// A file of the user's own by its path, everything else by its name.
std::string path_or_name(const RunRecord& run, const std::string& kind, const std::string& name) {
  const std::string* path = given_path(run, kind, name);
  return path == nullptr ? name : *path;
}

std::string kernel_as_given(const RunRecord& run, const KernelInput& kernel) {
  const std::string& contender = kernel.contender.name;
  const std::string given = path_or_name(run, "kernels", name_without_contender(kernel.name, contender));
  return KernelChoice{given, contender}.text();
}

bool was_verified(const RunRecord& run, const std::filesystem::path& folder) {
  return std::ranges::any_of(run.cells, [&](const DescribedCell& cell) {
    const std::filesystem::path of_cell = folder / "cells" / cell.name;
    std::error_code ignored;
    const auto outcome = read_outcome(of_cell, run, cell);
    return std::filesystem::exists(of_cell / second_run_folder, ignored) ||
           (outcome && outcome->verified_determinism);
  });
}

}  // namespace

std::string resume_line(const std::string& program, const RunRecord& run,
                        const std::filesystem::path& folder) {
  if (run.is_capture() || !run.circumstances.shards.empty()) return {};
  std::vector<std::string> argv = {program, "run", path_or_name(run, "suites", run.suite.name), "--board",
                                   path_or_name(run, "boards", run.board.name)};
  const auto add = [&](const char* option, const std::string& value) {
    argv.insert(argv.end(), {option, value});
  };
  for (const KernelInput& kernel : run.kernels) add("--kernel", kernel_as_given(run, kernel));
  for (const InputFile& load : run.loads) add("--load", path_or_name(run, "loads", load.name));
  if (run.has_programs_alone())
    for (const ProgramInput& each : run.programs) add("--program", each.name);
  if (!run.probe.empty()) add("--probe", run.probe);
  if (run.samples > 0) add("--samples", std::to_string(run.samples));
  add("--repeat", std::to_string(run.repeat));
  if (run.repetition > 0) add("--repetition", std::to_string(run.repetition));
  add("--seed", std::to_string(run.seed));
  if (const std::string* inputs = given_path(run, inputs_kind, "run")) add("--inputs", *inputs);
  if (run.shard) add("--shard", std::to_string(run.shard->index) + "/" + std::to_string(run.shard->count));
  if (was_verified(run, folder)) argv.emplace_back("--verify-determinism");
  if (run.time_base == TimeBase::virtual_time) add("--jobs", std::to_string(run.circumstances.jobs));
  argv.insert(argv.end(), {"--resume", "--out", folder.string()});
  return quoted(argv);
}

}  // namespace loopgate
