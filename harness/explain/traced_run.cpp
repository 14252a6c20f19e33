#include "explain/traced_run.h"

#include "explain/built_symbols.h"
#include "machine/agents_reason.h"
#include "record/artifacts.h"
#include "run/hunted_request.h"

namespace loopgate {
namespace {

// The run as it was measured, or up to a hunted stimulus.
CellRequest request_again(const Replay& replay, const HuntedStimulus* hunted) {
  if (hunted == nullptr) return replay.request();
  return hunted_request(replay.request(), *hunted, replay.board().cpus);
}

Status check_again(const Replay& replay, const CellRequest& request, const MachineRun& run,
                   const HuntedStimulus* hunted) {
  if (hunted == nullptr) return replay.check_repeated(request, run);
  TRY(again, read_samples(request.folder / samples_artifact.name));
  if (!again.samples.empty() && is_again(again.samples.back(), *hunted)) return {};
  return fail(ErrorKind::infrastructure,
              "the hunted stimulus did not repeat, so its trace would explain another one",
              "hunt in this run again");
}

}  // namespace

Result<KernelSymbols> fetch_symbols(Replay* replay, const ProgressListener& on_progress) {
  CellRequest request = replay->request();
  TRY(built, request.kernel ? built_symbols(*request.kernel, request.kernel_arguments)
                            : Result<std::optional<KernelSymbols>>(std::nullopt));
  if (built) return std::move(*built);
  request.folder /= "symbols";
  request.files.clear();
  request.symbols = true;
  request.storm_per_second = 0;
  TRY(run, replay->run(request, on_progress));
  if (!run.agent_failed && !run.symbols.functions.empty()) return std::move(run.symbols);
  const std::string reason =
      run.agent_failed ? why_agent_failed(run.report) : "/proc/kallsyms names no function";
  return fail(
      ErrorKind::infrastructure,
      "the kernel does not say where its functions and the fields of its structures lie: " + reason,
      "build it with CONFIG_KALLSYMS=y and CONFIG_DEBUG_INFO_BTF=y, or by loopgate kernel build; both take "
      "pahole (Debian's package dwarves), and the latter no CONFIG_RANDOMIZE_BASE");
}

Result<TracedRun> trace_again(Replay* replay, const std::vector<std::uint32_t>& samples, bool phases_only,
                              const KernelLayout& kernel, const ProgressListener& on_progress,
                              const HuntedStimulus* hunted) {
  CellRequest request = request_again(*replay, hunted);
  request.trace = {request.folder / "trace.lgt", samples, phases_only, false, kernel, {}};
  TRY(run, replay->run(request, on_progress));
  TRY_STATUS(check_again(*replay, request, run, hunted));
  return TracedRun{request.trace.file, std::move(run.report), run.total_s};
}

Result<TracedRun> count_paths_again(Replay* replay, const KernelLayout& kernel,
                                    const ProgressListener& on_progress) {
  CellRequest request = replay->request();
  request.trace = {request.folder / "trace.lgt", {}, false, true, kernel, {}};
  TRY(run, replay->run(request, on_progress));
  TRY_STATUS(replay->check_repeated(request, run));
  return TracedRun{request.trace.file, std::move(run.report), run.total_s};
}

Result<TracedRun> record_sections_again(Replay* replay, const KernelLayout& kernel,
                                        const SectionSettings& sections, const ProgressListener& on_progress,
                                        const HuntedStimulus* hunted) {
  CellRequest request = request_again(*replay, hunted);
  request.trace = {request.folder / "sections.lgw", {}, false, false, kernel, sections};
  TRY(run, replay->run(request, on_progress));
  TRY_STATUS(check_again(*replay, request, run, hunted));
  return TracedRun{request.trace.file, std::move(run.report), run.total_s};
}

}  // namespace loopgate
