// Where the guest's kernel keeps what the plugin reads, from its own symbols and type information.
#pragma once

#include <string>

#include "base/result.h"
#include "explain/arch/explain_arch.h"
#include "explain/symbols.h"
#include "protocol/trace_settings.h"

namespace loopgate {

// A data error that names the function or member that this kernel lacks.
Result<KernelLayout> kernel_layout(const ExplainArch& arch, const Symbols& symbols, const std::string& types);

// What the recorder of critical sections needs besides, and on PREEMPT_RT of locks. Whether the kernel
// preempts its own code is told by the functions that CONFIG_PREEMPTION compiles in, and where it is chosen
// as the kernel boots (CONFIG_PREEMPT_DYNAMIC) by the jump of the layout. A data error where there is none
// then, or where something is missing, by its name.
Result<SectionSettings> section_settings(const ExplainArch& arch, const KernelLayout& layout,
                                         const Symbols& symbols, const std::string& types);

}  // namespace loopgate
