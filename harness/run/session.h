// Everything that is put together before the first cell: the plan, what its kernels boot from, the target
// image, and what carries the cells out. Whoever measures starts here: `run`, `plan`, `explain`, and what
// measures many times. Nothing in it prints or takes signals.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "kernel/built_kernel.h"
#include "kernel/kernel_files.h"
#include "machine/machine.h"
#include "record/run_record.h"
#include "run/plan.h"

namespace loopgate {

struct Session {
  Plan plan;
  std::vector<KernelFiles> kernels;  // as in the plan
  TargetImage target;
  std::function<std::unique_ptr<Machine>(const Plan& plan, const Notify& notify)> make_machine;

  // QEMU on virtual time, or the board over SSH.
  std::unique_ptr<Machine> machine(const Notify& notify = {}) const { return make_machine(plan, notify); }

  // run.json. `request` names the files of the user's own.
  RunRecord describe(const PlanRequest& request, int jobs, const LoopgateVersion& loopgate) const;
};

// Fetches and makes what is not in the cache yet; `notify` gets a line now and then. A session whose kernels
// were never to be built can tell what it would do, and measure nothing.
Result<Session> prepare_session(const PlanRequest& request, const Notify& notify,
                                Building building = Building::when_needed);

// The same of a plan that is made already; `root` holds fixtures/.
Result<Session> prepare_session(Plan plan, const std::filesystem::path& root, const Notify& notify,
                                Building building = Building::when_needed);

}  // namespace loopgate
