#include "hunt/failed_run.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "protocol/shot_log.h"
#include "record/console.h"

namespace loopgate {

Status check_console(const std::filesystem::path& console) {
  const ConsoleFinding finding = read_console(read_file(console).value_or(""));
  return finding.kernel_failed ? fail(ErrorKind::kernel, finding.what, "see console.log") : Status();
}

Result<FailedKernel> keep_failed_run(const CellRequest& request, std::uint64_t seed, const std::string& what,
                                     const std::filesystem::path& run_folder, const std::string& cell) {
  TRY(shots, read_shot_log(request.aim.log));
  const std::string text = read_file(request.folder / "console.log").value_or("");
  FailedKernel failed{what, std::move(shots), {}, sha256_of(text)};
  failed.console = fmt::format("cells/{}/hunted-failure-{}-{}.log", cell, seed, failed.shots_ns.size());
  TRY_STATUS(write_file_atomically(run_folder / failed.console, text));
  return failed;
}

}  // namespace loopgate
