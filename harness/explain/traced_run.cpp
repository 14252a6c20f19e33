#include "explain/traced_run.h"

#include <fmt/format.h>

#include "machine/agents_reason.h"
#include "record/artifacts.h"
#include "run/hunted_request.h"

namespace loopgate {
namespace {

Status check_hunted(const CellRequest& request, const HuntedStimulus& stimulus) {
  TRY(again, read_samples(request.folder / samples_artifact.name));
  const Sample* last = again.samples.empty() ? nullptr : &again.samples.back();
  if (last != nullptr && last->answered() && last->stimulus_ns == stimulus.stimulus_ns &&
      last->latency_ns() == stimulus.latency_ns)
    return {};
  return fail(ErrorKind::infrastructure,
              "the hunted stimulus did not repeat, so its trace would explain another one",
              "hunt in this run again");
}

}  // namespace

Result<KernelSymbols> fetch_symbols(Replay* replay, const ProgressListener& on_progress) {
  CellRequest request = replay->request();
  request.folder /= "symbols";
  request.files.clear();
  request.symbols = true;
  request.storm_per_second = 0;
  TRY(run, replay->run(request, on_progress));
  if (!run.agent_failed && !run.symbols.functions.empty()) return std::move(run.symbols);
  const std::string reason =
      run.agent_failed ? why_agent_failed(run.report) : "/proc/kallsyms names no function";
  return fail(ErrorKind::infrastructure,
              "the kernel does not say where its functions and the fields of its structures lie: " + reason,
              "build it with CONFIG_KALLSYMS=y and CONFIG_DEBUG_INFO_BTF=y, which takes pahole (Debian's "
              "package dwarves)");
}

Result<TracedRun> trace_again(Replay* replay, const std::vector<std::uint32_t>& samples, bool phases_only,
                              const KernelLayout& kernel, const ProgressListener& on_progress) {
  CellRequest request = replay->request();
  request.trace = {request.folder / "trace.lgt", samples, phases_only, false, kernel, {}};
  TRY(run, replay->run(request, on_progress));
  TRY_STATUS(replay->check_repeated(request, run));
  return TracedRun{request.trace.file, std::move(run.report), run.total_s};
}

Result<TracedRun> trace_hunted(Replay* replay, const HuntedStimulus& stimulus, const KernelLayout& kernel,
                               const ProgressListener& on_progress) {
  CellRequest request = hunted_request(replay->request(), stimulus);
  const PulseSettings& pulses = pulses_of(request.work);
  const std::uint32_t last = pulses.self_checks + pulses.warm_up + pulses.counted - 1;
  request.trace = {request.folder / "trace.lgt", {last}, false, false, kernel, {}};
  TRY(run, replay->run(request, on_progress));
  TRY_STATUS(check_hunted(request, stimulus));
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
                                        const SectionSettings& sections,
                                        const ProgressListener& on_progress) {
  CellRequest request = replay->request();
  request.trace = {request.folder / "sections.lgw", {}, false, false, kernel, sections};
  TRY(run, replay->run(request, on_progress));
  TRY_STATUS(replay->check_repeated(request, run));
  return TracedRun{request.trace.file, std::move(run.report), run.total_s};
}

}  // namespace loopgate
