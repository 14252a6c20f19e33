#include "run/repeat_line.h"

#include "base/process.h"
#include "run/contenders.h"

namespace loopgate {

std::string repeat_line(const std::string& program, const PlanRequest& request, const Plan& plan,
                        const Cell& cell, const std::string& out) {
  const Kernel& kernel = plan.kernels[cell.kernel];
  const Load& load = plan.loads[cell.load];
  std::vector<std::string> argv = {program, "run", request.suite};
  if (!request.board.empty()) argv.insert(argv.end(), {"--board", request.board});
  if (request.lab != PlanRequest().lab) argv.insert(argv.end(), {"--lab", request.lab.string()});
  const auto given = kernel_choices(request.kernels, payload_of(plan.suite.work));
  argv.insert(argv.end(), {"--kernel", given.empty() ? kernel.name : given[cell.kernel].text(), "--load",
                           request.loads.empty() ? load.name : request.loads[cell.load]});
  for (const std::string& name : request.programs) argv.insert(argv.end(), {"--program", name});
  if (!plan.probe.empty()) argv.insert(argv.end(), {"--probe", plan.probe});
  if (plan.samples > 0) argv.insert(argv.end(), {"--samples", std::to_string(plan.samples)});
  argv.insert(argv.end(),
              {"--seed", std::to_string(plan.seed), "--repetition", std::to_string(cell.repetition)});
  if (!request.inputs.empty()) argv.insert(argv.end(), {"--inputs", request.inputs});
  const std::string beside = out.substr(0, out.find_last_not_of('/') + 1);
  argv.insert(argv.end(), {"--out", beside + "-" + cell.name});
  return quoted(argv);
}

}  // namespace loopgate
