// Everything that `plan` and `run` put together before the first cell: the plan, the images, the machine.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/rules.h"
#include "base/result.h"
#include "kernel/images.h"
#include "machine/machine.h"
#include "qemu/qemu_identity.h"
#include "record/run_record.h"
#include "run/plan.h"

namespace loopgate {

struct Bench {
  Plan plan;
  QemuIdentity qemu;  // of a board that QEMU plays
  Rules audit_rules;  // of one that is reached over SSH
  std::vector<KernelImage> kernels;
  TargetImage target;

  // What carries the cells out: QEMU on virtual time, or the board over SSH.
  std::unique_ptr<Machine> machine(const Notify& tell = {}) const;
};

// run.json's `machine`.
MachineRecord describe_machine(const Bench& bench);

// Fetches and makes what is not in the cache yet; `tell` gets a line now and then.
Result<Bench> prepare_bench(const PlanRequest& request, const Notify& tell);

}  // namespace loopgate
