#include "explain/session.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/file.h"
#include "explain/explain.h"
#include "explain/export/perfetto.h"
#include "explain/export/speedscope.h"
#include "explain/export/trace_dat.h"
#include "explain/json_report.h"
#include "record/cell_files.h"
#include "record/derived_files.h"
#include "record/hunt_file.h"
#include "run/paths.h"
#include "run/progress.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// A cell that can be traced, with its progress on stderr.
class CellReplay {
  // One look at the cell, in as few runs as it takes.
  template <class Ask>
  auto with_bench(const Ask& ask) {
    Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, measured().samples.samples.size());
    // The guest is restored twice: for its symbols, and to be traced.
    const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
      progress.update("explaining " + measured().name + ":", stage, event);
    };
    return ask(ExplainBench{&replay_, arch_, elf_files(), on_progress});
  }

 public:
  static Result<CellReplay> open(const ExplainRequest& request, const std::string& cell,
                                 const LoopgateVersion& version, const Notify& notify) {
    TRY(replay, Replay::open(request.run, cell, version, notify, request.stop));
    TRY(arch, explain_arch(name_of(replay.board().architecture)));
    return CellReplay(std::move(replay), arch);
  }

  const MeasuredCell& measured() const { return replay_.measured(); }

  Result<ExplainedSamples> samples(const std::vector<std::uint32_t>& samples) {
    return with_bench([&](const ExplainBench& bench) { return explain_samples(bench, samples); });
  }
  Result<ExplainedSamples> hunted(const HuntedStimulus& stimulus) {
    return with_bench([&](const ExplainBench& bench) { return explain_hunted(bench, stimulus); });
  }
  Result<std::vector<PhasesOfSample>> phases() {
    return with_bench([](const ExplainBench& bench) { return phases_of_all(bench); });
  }

 private:
  CellReplay(Replay replay, const ExplainArch* arch) : replay_(std::move(replay)), arch_(arch) {}

  // The programs that the build made for the target, each under the name that the guest runs it by.
  std::vector<fs::path> elf_files() const {
    const fs::path folder = target_programs(replay_.board().architecture).parent_path();
    std::vector<fs::path> files;
    std::error_code ignored;
    for (const fs::path& place : {folder, folder / "reference-app"}) {
      for (const auto& entry : fs::directory_iterator(place, ignored)) {
        if (entry.is_regular_file() && ::access(entry.path().c_str(), X_OK) == 0)
          files.push_back(entry.path());
      }
    }
    return files;
  }

  Replay replay_;
  const ExplainArch* arch_;
};

// With --phases alone no single sample is explained.
bool asks_for_samples(const ExplainRequest& request) {
  return !request.phases || !request.against.empty() || request.worst != 0 || !request.samples.empty();
}

// The files of a sample for other tools.
std::array<fs::path, 3> exports_of(const fs::path& cell_folder, const std::string& sample) {
  const auto path = [&](const char* ending) {
    return cell_folder / fmt::format("explain-{}{}", sample, ending);
  };
  return {path(".speedscope.json"), path(".perfetto.json"), path(".trace.dat")};
}

Status write_exports(const fs::path& cell_folder, const std::string& name, const ExplainedSample& sample,
                     std::vector<fs::path>* paths) {
  const auto files = exports_of(cell_folder, name);
  const std::array<std::string, 3> texts = {to_speedscope(sample), to_perfetto(sample), to_trace_dat(sample)};
  for (std::size_t i = 0; i < files.size(); ++i) {
    paths->push_back(files[i]);
    TRY_STATUS(write_file_atomically(files[i], texts[i]));
  }
  return {};
}

Result<std::vector<HuntedCell>> hunted_cells(const ExplainRequest& request) {
  TRY(hunt, read_hunt(request.run));
  std::vector<HuntedCell> cells = std::move(hunt).value_or(std::vector<HuntedCell>());
  std::erase_if(cells, [&](const HuntedCell& cell) {
    return !((request.cell.empty() || cell.cell == request.cell) &&
             (request.kernel.empty() || cell.kernel == request.kernel) &&
             (request.load.empty() || cell.load == request.load));
  });
  return cells;
}

// Those that are named, then the worst that are not among them; the worst one where nothing is asked for.
Result<std::vector<std::uint32_t>> chosen_samples(const ExplainRequest& request, const MeasuredCell& cell) {
  std::vector<std::uint32_t> chosen = request.samples;
  for (const std::uint32_t sample : chosen) {
    TRY_STATUS(check_explainable(cell.samples, sample));
  }
  const int worst = request.worst == 0 && chosen.empty() && asks_for_samples(request) ? 1 : request.worst;
  for (const std::uint32_t sample : worst_samples(cell.samples, static_cast<std::size_t>(worst))) {
    if (std::ranges::find(chosen, sample) == chosen.end()) chosen.push_back(sample);
  }
  if (chosen.empty() && !request.phases)
    return fail(ErrorKind::usage, cell.name + " has no answered sample to explain");
  return chosen;
}

// Each sample is compared with the cell's median one.
Status explain_chosen(CellReplay* session, const std::vector<std::uint32_t>& chosen,
                      Explanation* explanation) {
  TRY(done, session->samples(chosen));
  explanation->median = std::move(done.median);
  explanation->explained = std::move(done.samples);
  for (std::size_t i = 0; i < explanation->explained.size(); ++i) {
    if (explanation->explained[i].sample != explanation->median->sample)
      explanation->comparisons.push_back({i, *explanation->median});
  }
  return {};
}

// The same stimulus of another cell: kernels and loads share their schedules.
Status compare_with(CellReplay* other, Explanation* explanation) {
  std::vector<std::uint32_t> asked;
  for (const ExplainedSample& sample : explanation->explained) {
    if (auto good = check_explainable(other->measured().samples, sample.sample); !good)
      return fail(ErrorKind::usage,
                  fmt::format("{} has no such sample: {}", other->measured().name, good.error().what));
    asked.push_back(sample.sample);
  }
  TRY(done, other->samples(asked));
  for (std::size_t i = 0; i < explanation->explained.size(); ++i)
    explanation->comparisons.push_back({i, std::move(done.samples[i])});
  return {};
}

// A cell in which no program measured beside the payload has none.
std::optional<ProgramBeside> read_beside(const MeasuredCell& cell) {
  if (cell.run.programs.empty()) return std::nullopt;
  const auto programs = load_programs(cell.folder);
  return programs ? program_beside(programs->file) : std::nullopt;
}

// A cell whose evidence.json does not say it is explained all the same.
void read_asked(const MeasuredCell& cell, Explanation* explanation) {
  auto rows =
      check_evidence(cell.folder, cell.evidence_sha256).and_then([&] { return read_asked_for(cell.folder); });
  if (rows) {
    explanation->asked_for = worst_first(std::move(*rows));
  } else {
    explanation->why_asked_not_known = rows.error().what;
  }
}

}  // namespace

Result<Explanation> explain(const ExplainRequest& request, const LoopgateVersion& version,
                            const Notify& notify) {
  if (request.against == request.cell)
    return fail(ErrorKind::usage, "--against names the explained cell itself",
                "each sample is compared with its median sample anyway");
  TRY(session, CellReplay::open(request, request.cell, version, notify));
  TRY(chosen, chosen_samples(request, session.measured()));
  std::optional<CellReplay> other;
  if (!request.against.empty()) {
    TRY(opened, CellReplay::open(request, request.against, version, notify));
    other.emplace(std::move(opened));
  }
  Explanation explanation;
  explanation.cell = request.cell;
  explanation.samples_sha256 = session.measured().samples_sha256;
  explanation.beside = read_beside(session.measured());
  read_asked(session.measured(), &explanation);
  if (!chosen.empty()) {
    TRY_STATUS(explain_chosen(&session, chosen, &explanation));
  }
  if (other) {
    TRY_STATUS(compare_with(&*other, &explanation));
  }
  if (request.phases) {
    TRY(phases, session.phases());
    explanation.bands = bands_of(std::move(phases));
  }
  return explanation;
}

Result<ExplainRequest> with_hunted_cell(ExplainRequest request) {
  if (request.worst != 0 || !request.samples.empty() || request.phases || !request.against.empty())
    return fail(ErrorKind::usage, "--hunted explains a stimulus of a hunt, which is no sample of the run",
                "leave --worst, --sample, --phases and --against out");
  TRY(cells, hunted_cells(request));
  if (cells.empty())
    return fail(ErrorKind::usage, "nobody has hunted in that cell",
                fmt::format("first: loopgate hunt {}", request.run.string()));
  if (cells.size() > 1)
    return fail(ErrorKind::usage, fmt::format("there are hunts in {} and {}", cells[0].cell, cells[1].cell),
                fmt::format("name one: --cell {}", cells[0].cell));
  if (static_cast<std::size_t>(request.hunted) > cells.front().worst.size())
    return fail(ErrorKind::usage, fmt::format("the hunt in {} kept the worst {} stimuli", cells.front().cell,
                                              cells.front().worst.size()));
  if (!cells.front().worst[static_cast<std::size_t>(request.hunted) - 1].answered)
    return fail(ErrorKind::usage, "that stimulus was never answered: there is no latency to explain",
                "name another: --hunted 2");
  request.cell = cells.front().cell;
  return request;
}

Result<Explanation> explain_hunted_stimulus(const ExplainRequest& request, const LoopgateVersion& version,
                                            const Notify& notify) {
  TRY(cells, hunted_cells(request));
  TRY(session, CellReplay::open(request, request.cell, version, notify));
  const HuntedCell& cell = cells.front();
  if (cell.samples_sha256 != session.measured().samples_sha256)
    return fail(ErrorKind::data, "the hunt was in another measurement of " + request.cell,
                "hunt in this run again");
  Explanation explanation;
  explanation.cell = request.cell;
  explanation.samples_sha256 = session.measured().samples_sha256;
  explanation.why_asked_not_known =
      "the hunted stimulus is of another run: `loopgate explain` without --hunted tells what became of what "
      "was "
      "asked for in the measured one";
  TRY(done, session.hunted(cell.worst[static_cast<std::size_t>(request.hunted) - 1]));
  explanation.median = std::move(done.median);
  explanation.explained = std::move(done.samples);
  explanation.comparisons.push_back({0, *explanation.median});
  return explanation;
}

Result<std::vector<fs::path>> write_hunted(const fs::path& cell_folder, int hunted,
                                           const Explanation& explanation) {
  std::vector<fs::path> paths;
  TRY_STATUS(
      write_exports(cell_folder, fmt::format("hunted-{}", hunted), explanation.explained.front(), &paths));
  return paths;
}

Status withdraw_explanation(const ExplainRequest& request) {
  // A name that leads out of the run's folder is refused with run.json.
  if (request.cell.find('/') != std::string::npos || request.cell.starts_with('.')) return {};
  const fs::path folder = request.run / "cells" / request.cell;
  for (const std::uint32_t sample : request.samples)
    for (const fs::path& file : exports_of(folder, std::to_string(sample))) TRY_STATUS(remove_answer(file));
  const fs::path kept = folder / "explain.json";
  const auto earlier = read_file(kept);
  if (!earlier) return {};
  const auto left = without_asked(*earlier, asks_for_samples(request), request.phases);
  return left.is_null() ? remove_answer(kept) : write_file_atomically(kept, left.dump() + "\n");
}

Result<std::vector<fs::path>> write_explanation(const fs::path& cell_folder, const Explanation& explanation) {
  const fs::path kept = cell_folder / "explain.json";
  const std::string whole = merged_with(to_json(explanation), read_file(kept).value_or("")).dump() + "\n";
  TRY_STATUS(write_file_atomically(kept, whole));
  std::vector<fs::path> paths;
  for (const ExplainedSample& sample : explanation.explained) {
    TRY_STATUS(write_exports(cell_folder, std::to_string(sample.sample), sample, &paths));
  }
  return paths;
}

}  // namespace loopgate
