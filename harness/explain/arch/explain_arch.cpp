#include "explain/arch/explain_arch.h"

#include <fmt/format.h>

#include "explain/arch/amd64.h"
#include "explain/arch/arm64.h"

namespace loopgate {

Result<const ExplainArch*> explain_arch(const std::string& architecture) {
  if (architecture == "arm64") return &arm64_explained();
  if (architecture == "amd64") return &amd64_explained();
  return fail(ErrorKind::usage,
              fmt::format("what a kernel of {} does cannot be followed yet, only one of arm64 or amd64",
                          architecture),
              "measure on a board of those for that; run, stats, gate and report work on every board");
}

}  // namespace loopgate
