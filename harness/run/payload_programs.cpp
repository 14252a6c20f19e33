#include "run/payload_programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "kernel/cpio_archive.h"
#include "run/contenders.h"

namespace loopgate {

Status check_payload_programs(const Plan& plan, const std::filesystem::path& programs) {
  std::error_code ignored;
  if (!std::filesystem::exists(plan.suite.folder / "go.mod", ignored)) return {};
  TRY(archive, read_file(programs));
  TRY(members, read_cpio(archive));
  for (const Kernel& kernel : plan.kernels) {
    const std::string program = command_of(payload_of(plan.suite.work), kernel.contender).front();
    const auto is_it = [&](const CpioMember& member) { return "/" + std::string(member.name) == program; };
    if (std::ranges::any_of(members, is_it)) continue;
    return fail(
        ErrorKind::infrastructure,
        fmt::format("suite {}: the target's programs were built without {}, which is written in Go",
                    plan.suite.name, program),
        "install Debian's package golang-go, configure the build with -DLOOPGATE_GO=ON, and build again");
  }
  return {};
}

}  // namespace loopgate
