// What a plan becomes in the files of a run: run.json's record, and the beginning of each cell's outcome.
#pragma once

#include <string>
#include <vector>

#include "kernel/images.h"
#include "qemu/qemu_identity.h"
#include "record/outcome.h"
#include "record/run_record.h"
#include "run/plan.h"

namespace loopgate {

// The QEMU that plays the board, or the board on its bench.
MachineRecord describe_machine(const Board& board, const QemuIdentity& qemu);
MachineRecord describe_machine(const Board& board, const LabBoard& lab);

// `request`: where the files of the user's own are.
RunRecord describe_run(const Plan& plan, const PlanRequest& request, const std::vector<KernelImage>& kernels,
                       const TargetImage& target, MachineRecord machine, int jobs,
                       const LoopgateVersion& loopgate);

// INVALID until it is judged.
Outcome unjudged_outcome(const Plan& plan, const Cell& cell);

}  // namespace loopgate
