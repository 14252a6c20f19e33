#include "explain/explain_paths.h"

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>
#include <vector>

#include "base/file.h"
#include "base/nearest.h"
#include "explain/arch/explain_arch.h"
#include "explain/kernel_layout.h"
#include "explain/marked_programs.h"
#include "explain/paths_file.h"
#include "explain/traced_run.h"
#include "record/derived_files.h"
#include "run/progress.h"
#include "run/replay.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct CountedProgram {
  PathLength length;
  std::string programs_sha256;
};

Result<std::size_t> index_of(const std::string& program, const MeasuredCell& cell) {
  std::vector<std::string> names;
  for (const ProgramRecord& each : cell.programs) {
    if (each.name == program) return names.size();
    names.push_back(each.name);
  }
  return fail(ErrorKind::usage, fmt::format("{} has no program {}", cell.name, program),
              meant_or_known(program, names));
}

Result<std::vector<PathWindow>> windows_in(const fs::path& file) {
  TRY(bytes, read_file(file));
  TRY(reader, TraceReader::open(bytes));
  std::vector<PathWindow> windows;
  for (PathWindow window;;) {
    TRY(more, reader.next_path(&window));
    if (!more) return windows;
    windows.push_back(std::move(window));
  }
}

// What can be refused without a run is refused first.
Status check_program(const std::string& program, const MeasuredCell& cell) {
  TRY(wanted, index_of(program, cell));
  TRY(iterations, iterations_of(cell.programs[wanted]));
  TRY(figure, figure_of(cell.programs[wanted]));
  (void)iterations;
  (void)figure;
  return {};
}

Result<CountedProgram> count(Replay* replay, const std::string& program) {
  const MeasuredCell& cell = replay->measured();
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, 0);
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    progress.update("counting in " + cell.name + ":", stage, event);
  };
  TRY(arch, explain_arch(name_of(replay->board().architecture)));
  TRY(texts, fetch_symbols(replay, on_progress));
  TRY(symbols, Symbols::of_kernel(texts.functions));
  TRY(kernel, kernel_layout(*arch, symbols, texts.types));
  TRY(run, count_paths_again(replay, kernel, on_progress));
  TRY(windows, windows_in(run.file));
  TRY(wanted, index_of(program, cell));
  TRY(window, window_of(cell.programs, wanted, windows));
  TRY(iterations, iterations_of(cell.programs[wanted]));
  TRY(length, path_length(*window, iterations, &symbols));
  TRY(figure, figure_of(cell.programs[wanted]));
  length.figure = figure;
  length.cell = cell.name;
  length.kernel = cell.request.kernels.front();
  return CountedProgram{std::move(length), cell.programs_sha256};
}

}  // namespace

Result<PathExplanation> explain_paths(const PathRequest& request, const LoopgateVersion& version,
                                      const Notify& notify) {
  const auto open = [&](const std::string& cell) -> Result<Replay> {
    TRY(replay, Replay::open(request.run, cell, version, notify, request.stop, MeasuredBy::programs,
                             Again::on_one_cpu));
    TRY_STATUS(check_program(request.program, replay.measured()));
    return replay;
  };
  TRY(here, open(request.cell));
  std::optional<Replay> there;
  if (!request.against.empty()) {
    TRY(opened, open(request.against));
    there.emplace(std::move(opened));
  }
  PathExplanation explanation;
  explanation.program = request.program;
  TRY(counted, count(&here, request.program));
  explanation.here = std::move(counted.length);
  explanation.programs_sha256 = std::move(counted.programs_sha256);
  if (there) {
    TRY(other, count(&*there, request.program));
    explanation.against = std::move(other.length);
    explanation.against_programs_sha256 = std::move(other.programs_sha256);
  }
  return explanation;
}

Status withdraw_path(const PathRequest& request) {
  const fs::path kept = request.run / paths_file;
  const auto earlier = read_file(kept);
  if (!earlier) return {};
  const auto left = without_path(request, *earlier);
  return left.is_null() ? remove_answer(kept) : write_file_atomically(kept, left.dump() + "\n");
}

Result<fs::path> write_path(const fs::path& run_folder, const PathExplanation& explanation) {
  fs::path kept = run_folder / paths_file;
  const std::string text = with_path(explanation, read_file(kept).value_or("")).dump() + "\n";
  TRY_STATUS(write_file_atomically(kept, text));
  return kept;
}

}  // namespace loopgate
