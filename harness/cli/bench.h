// Everything that `plan` and `run` put together before the first cell: the plan, the images, the machine.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "machine/images.h"
#include "machine/qemu_machine.h"
#include "plan/plan.h"

namespace loopgate {

struct Bench {
  Plan plan;
  QemuIdentity qemu;
  std::vector<KernelImage> kernels;
  TargetImage target;

  QemuMachine machine() const;
};

// run.json's `machine`.
nlohmann::json describe_machine(const Bench& bench);

// Fetches and makes what is not in the cache yet; `tell` gets a line now and then.
Result<Bench> prepare_bench(const PlanRequest& request, const Tell& tell);

}  // namespace loopgate
