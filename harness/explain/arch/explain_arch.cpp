#include "explain/arch/explain_arch.h"

#include <fmt/format.h>

#include "explain/arch/arm64.h"

namespace loopgate {

Result<const ExplainArch*> explain_arch(const std::string& architecture) {
  if (architecture == "arm64") return &arm64_explained();
  return fail(ErrorKind::usage,
              fmt::format("explain does not know the architecture {}, only arm64", architecture));
}

}  // namespace loopgate
