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

}  // namespace loopgate
