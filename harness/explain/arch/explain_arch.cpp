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
              "measure on a board of those for that; run, stats, gate and report work on either");
}

Result<const ExplainArch*> sections_arch(const std::string& architecture) {
  TRY(arch, explain_arch(architecture));
  if (arch->has_sections) return arch;
  return fail(
      ErrorKind::usage,
      fmt::format("the critical sections of a kernel of {} cannot be recorded yet, only those of arm64",
                  architecture),
      "measure on qemu-virt-arm64 for that; run, stats, gate, explain and report work on either");
}

}  // namespace loopgate
