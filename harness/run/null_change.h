// A change that is none of the kernel's: a longer command line. It moves what lies behind it in memory, as a
// new build or another argument does, and so shows how far figures move without any cause. The kernel
// silently ignores a parameter with a dot whose module it does not have (init/main.c, unknown_bootoption()),
// and nobody reads this one. Pure.
#pragma once

#include <string>
#include <string_view>

#include "config/kernel.h"

namespace loopgate {

// "loopgate.null=xxxxxxx", with seven characters a change; empty for change 0, which is none.
std::string null_argument(int change);

// Which change a command line has; 0 where it has none.
int null_change_in(std::string_view command_line);

// The arguments that the kernel is given: what its file asks for, and the null change before it, since what
// follows a "--" there is init's. The kernel's file, its digest and what became of its arguments know
// nothing of it.
std::string given_arguments(const Kernel& kernel, int change);

}  // namespace loopgate
