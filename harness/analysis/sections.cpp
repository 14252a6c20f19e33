#include "analysis/sections.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>

#include "base/file.h"
#include "base/nearest.h"
#include "explain/arch/explain_arch.h"
#include "explain/kernel_layout.h"
#include "explain/traced_run.h"
#include "run/progress.h"

namespace loopgate {
namespace {

// 1.5 GiB of them. A cell of 10,000 stimuli under full load has about a tenth.
constexpr std::uint64_t windows_at_most = 64'000'000;

bool is_asked(const std::vector<std::string>& asked, const std::string& name) {
  return asked.empty() || std::ranges::find(asked, name) != asked.end();
}

Status check_names(const char* what, const std::vector<std::string>& asked,
                   const std::vector<std::string>& known) {
  for (const std::string& name : asked)
    if (std::ranges::find(known, name) == known.end())
      return fail(ErrorKind::usage, fmt::format("the run has no {} {}", what, name),
                  meant_or_known(name, known));
  return {};
}

template <class Take>
std::vector<std::string> names_in(const RunRecord& run, const Take& take) {
  std::vector<std::string> names;
  for (const DescribedCell& cell : run.cells)
    if (std::ranges::find(names, take(cell)) == names.end()) names.push_back(take(cell));
  return names;
}

Status check_request(const SectionsRequest& request, const RunRecord& run) {
  if (!request.cells.empty() && !(request.kernels.empty() && request.loads.empty()))
    return fail(ErrorKind::usage, "--cell names replicates, and --kernel and --load choose them",
                "give the one or the others");
  TRY_STATUS(check_names("cell", request.cells, names_in(run, [](const auto& each) { return each.name; })));
  TRY_STATUS(
      check_names("kernel", request.kernels, names_in(run, [](const auto& each) { return each.kernel; })));
  return check_names("load", request.loads, names_in(run, [](const auto& each) { return each.load; }));
}

Result<CellSections> record_cell(const SectionsRequest& request, const DescribedCell& cell,
                                 const LoopgateVersion& version, const Notify& notify) {
  TRY(replay, Replay::open(request.run, cell.name, version, notify, request.stop));
  TRY(recorded, record_windows(&replay));
  return CellSections{cell.name,
                      cell.kernel,
                      cell.load,
                      replay.measured().samples_sha256,
                      recorded.windows.preemptible,
                      recorded.host_s,
                      summarize(recorded.windows, replay.board().cpus, &recorded.symbols)};
}

}  // namespace

Result<SectionBench> section_bench(Replay* replay, const ProgressListener& on_progress) {
  TRY(arch, explain_arch(name_of(replay->board().architecture)));
  TRY(texts, fetch_symbols(replay, on_progress));
  TRY(symbols, Symbols::of_kernel(texts.functions));
  TRY(kernel, kernel_layout(*arch, symbols, texts.types));
  TRY(settings, section_settings(*arch, kernel, symbols, texts.types));
  settings.windows_at_most = windows_at_most;
  return SectionBench{std::move(symbols), kernel, std::move(settings)};
}

Result<RecordedWindows> record_windows(Replay* replay, const HuntedStimulus* hunted) {
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, replay->measured().samples.samples.size());
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    progress.update("recording " + replay->measured().name + ":", stage, event);
  };
  TRY(bench, section_bench(replay, on_progress));
  TRY(run, record_sections_again(replay, bench.kernel, bench.settings, on_progress, hunted));
  TRY(bytes, read_file(run.file));
  TRY(windows, read_sections(bytes));
  return RecordedWindows{std::move(windows), std::move(bench.symbols), run.host_s};
}

Result<std::vector<DescribedCell>> section_cells(const SectionsRequest& request, const RunRecord& run) {
  TRY_STATUS(check_request(request, run));
  std::vector<DescribedCell> cells;
  for (const DescribedCell& cell : run.cells) {
    const bool first = std::ranges::none_of(cells, [&](const DescribedCell& each) {
      return each.kernel == cell.kernel && each.load == cell.load;
    });
    const bool named = !request.cells.empty();
    if (named ? is_asked(request.cells, cell.name)
              : first && is_asked(request.kernels, cell.kernel) && is_asked(request.loads, cell.load))
      cells.push_back(cell);
  }
  if (cells.empty())
    return fail(ErrorKind::usage, "the run has no cell of these kernels and loads",
                fmt::format("its cells: {}",
                            fmt::join(names_in(run, [](const auto& each) { return each.name; }), ", ")));
  return cells;
}

Result<std::vector<CellSections>> record_sections(const SectionsRequest& request,
                                                  const LoopgateVersion& version, const Notify& notify) {
  TRY(run, read_run_record(request.run));
  TRY(cells, section_cells(request, run));
  std::vector<CellSections> recorded;
  for (const DescribedCell& cell : cells) {
    TRY(sections, record_cell(request, cell, version, notify));
    recorded.push_back(std::move(sections));
  }
  return recorded;
}

}  // namespace loopgate
