// What a kernel is to those who measure it: its image and modules, and the arguments and the tuning that are
// in effect. Two kernels of one digest are the same, whatever their files are called. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/kernel.h"
#include "kernel/kernel_files.h"
#include "protocol/report.h"
#include "run/plan.h"

namespace loopgate {

// Before it has booted: with all that its file asks for. Empty where the image's digest is not known.
std::string kernel_as_asked_sha256(const Kernel& kernel, const KernelFiles& files);

// Of a kernel that was measured. Left out is what did nothing: an argument that it did not know or that has
// no effect, and a rule for threads that no thread matched.
std::string kernel_in_effect_sha256(const Kernel& kernel, const KernelFiles& files, const Report& report);

// One sentence for each set of the plan's kernels that are the same already by what is asked for.
std::vector<std::string> same_kernels_of(const Plan& plan, const std::vector<KernelFiles>& kernels);

}  // namespace loopgate
