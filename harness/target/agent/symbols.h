// What `loopgate explain` needs of the running kernel to give its addresses names: /proc/kallsyms' functions
// and the kernel's type information (BTF), handed in through the shared memory in a run of its own, so that
// no measured run spends an instruction on it.
#pragma once

#include <string_view>

#include "base/result.h"
#include "target/agent/channel_map.h"

namespace loopgate {

// The job that asks for it.
bool asks_for_symbols(std::string_view job);

Status hand_in_symbols(ChannelMap* channel);

// Lines of /proc/kallsyms, without what is no function: three quarters of them would not fit.
std::string functions_in(std::string_view kallsyms);

}  // namespace loopgate
