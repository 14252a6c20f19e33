// What a kernel's file asks of its .config. Checked on the host, before the kernel is booted.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/kernel.h"
#include "kernel/kernel_files.h"

namespace loopgate {

// Makes the checks of config options and notes each in `files`, passed or not. A check that can't be made is
// a usage error.
Status check_config(const Kernel& kernel, KernelFiles* files);

// The value of CONFIG_… in a .config: y, m, a number or string; n when it is not set or absent.
std::string config_option(std::string_view config, const std::string& option);

}  // namespace loopgate
