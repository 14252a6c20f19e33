#include "stats/comparison.h"

#include <algorithm>

namespace loopgate {

Noun counted_noun(const Comparison& comparison) {
  const std::string& by = comparison.self_measured_by;
  if (by.empty()) return stimuli_noun;
  return by.starts_with("cyclictest") ? Noun{"cycle", "cycles"} : Noun{"sample", "samples"};
}

std::vector<std::string> unreadable_cells(const Comparison& comparison) {
  std::vector<std::string> cells;
  for (const GroupEvidence& group : comparison.groups)
    for (const UnmeasuredCell& cell : group.invalid)
      if (cell.unreadable) cells.push_back(cell.cell);
  return cells;
}

const GroupEvidence* find_group(const Comparison& comparison, const std::string& kernel,
                                const std::string& load) {
  const auto found =
      std::find_if(comparison.groups.begin(), comparison.groups.end(),
                   [&](const GroupEvidence& group) { return group.kernel == kernel && group.load == load; });
  return found == comparison.groups.end() ? nullptr : &*found;
}

Comparison describe(const RunRecord& run) {
  Comparison comparison{run.suite,
                        run.board,
                        run.board.emulator,
                        run.time_base,
                        run.icount_shift(),
                        run.samples,
                        run.deadline_ns,
                        run.interval_ns,
                        {run.loads.begin(), run.loads.end()},
                        {}};
  comparison.made_with = provenance_of(run);
  comparison.response_timeout_ns = run.response_timeout_ns;
  comparison.probe = run.probe;
  if (const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine)) {
    comparison.cpus = qemu->cpus;
    comparison.slice_ns = qemu->slice_ns;
  }
  comparison.programs_left_out = run.programs_left_out;
  comparison.has_decisions = run.decisions.has_value();
  for (const ProgramInput& program : run.programs) {
    comparison.programs.push_back(program.name);
    comparison.program_timeout_s[program.name] = program.timeout_s;
  }
  if (comparison.has_programs_alone())
    comparison.self_measured_by =
        run.programs.size() == 1 ? run.programs.front().name : "the suite's programs";
  for (const NamedInput& load : run.loads) {
    for (const KernelInput& kernel : run.kernels) {
      GroupEvidence& group = comparison.groups.emplace_back();
      group.kernel = kernel.name;
      group.load = load.name;
      for (const DescribedCell& cell : run.cells)
        if (cell.kernel == kernel.name && cell.load == load.name) group.cells.push_back(cell.name);
    }
  }
  return comparison;
}

}  // namespace loopgate
