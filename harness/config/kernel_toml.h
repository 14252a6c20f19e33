// A kernel as the text of its file: for kernels that are made up, such as a step of a bisection.
#pragma once

#include <string>

#include "config/kernel.h"

namespace loopgate {

// What parse_kernel() reads as the same kernel, wherever it stands: its paths become absolute.
std::string to_toml(const Kernel& kernel);

}  // namespace loopgate
