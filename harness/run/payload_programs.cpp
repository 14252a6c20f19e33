#include "run/payload_programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "kernel/cpio_archive.h"
#include "run/contenders.h"

namespace loopgate {

namespace {

Status check_contenders(const Suite& suite, const std::vector<std::string>& contenders,
                        const std::filesystem::path& programs) {
  std::error_code ignored;
  if (!std::filesystem::exists(suite.folder / "go.mod", ignored)) return {};
  TRY(archive, read_file(programs));
  TRY(members, read_cpio(archive));
  for (const std::string& contender : contenders) {
    const std::string program = command_of(payload_of(suite.work), contender).front();
    const auto is_it = [&](const CpioMember& member) { return "/" + std::string(member.name) == program; };
    if (std::ranges::any_of(members, is_it)) continue;
    return fail(
        ErrorKind::infrastructure,
        fmt::format("suite {}: the target's programs were built without {}, which is written in Go",
                    suite.name, program),
        "install Debian's package golang-go, configure the build with -DLOOPGATE_GO=ON, and build again");
  }
  return {};
}

}  // namespace

Status check_payload_programs(const Plan& plan, const std::filesystem::path& programs) {
  std::vector<std::string> contenders;
  for (const Kernel& kernel : plan.kernels) contenders.push_back(kernel.contender);
  return check_contenders(plan.suite, contenders, programs);
}

Status check_payload_programs(const Suite& suite, const std::filesystem::path& programs) {
  std::vector<std::string> contenders;
  if (std::holds_alternative<ResponseWork>(suite.work))
    for (const auto& each : payload_of(suite.work).contenders) contenders.push_back(each.name);
  return check_contenders(suite, contenders, programs);
}

}  // namespace loopgate
