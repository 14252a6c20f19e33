// What a kernel's file asks for, and what became of it: its arguments, its tuning and its checks. Pure.
#pragma once

#include <vector>

#include "config/kernel.h"
#include "kernel/kernel_files.h"
#include "protocol/report.h"
#include "record/unconfirmed_argument.h"
#include "run/asked_for.h"

namespace loopgate {

// `files` are those that it was booted from.
std::vector<AskedFor> asked_of_kernel(const Kernel& kernel, const KernelFiles& files, const Report& report);

// Of the rows of a cell, the kernel's arguments and options that are not in effect, or of which nothing shows
// that they are.
std::vector<UnconfirmedArgument> unconfirmed_arguments(const std::vector<AskedFor>& rows);

}  // namespace loopgate
