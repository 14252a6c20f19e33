#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "base/file.h"
#include "base/file_lock.h"
#include "cli/commands.h"
#include "explain/explain.h"
#include "explain/export/perfetto.h"
#include "explain/export/speedscope.h"
#include "explain/export/trace_dat.h"
#include "explain/json_report.h"
#include "explain/text_report.h"
#include "run/paths.h"
#include "run/progress.h"
#include "run/run_directory.h"
#include "run/runner.h"
#include "run/session.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct ExplainCommand {
  std::string run;
  std::string cell;
  int worst = 0;
  std::vector<std::uint32_t> samples;
  std::string against;
  bool all = false;
  std::string json;
};

// A measured cell with all that makes its run again.
struct PreparedCell {
  FileLock lock;  // two looks at one cell would write over each other
  MeasuredCell measured;
  Bench bench;
  CellRequest order;
  const ExplainArch* arch = nullptr;
};

// Where the explaining run leaves what it only needs itself.
class Scratch {
 public:
  explicit Scratch(fs::path path) : path_(std::move(path)) {}
  ~Scratch() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

void tell(const std::string& line) { fmt::print(stderr, "{}\n", line); }

Result<PreparedCell> prepare(const fs::path& run, const std::string& name) {
  auto measured = find_measured_cell(run, name);
  if (!measured) return tl::unexpected(measured.error());
  auto lock = FileLock::take(measured->folder);
  if (!lock) return tl::unexpected(lock.error());
  auto bench = prepare_bench(measured->request, tell);
  if (!bench) return tl::unexpected(bench.error());
  const auto now =
      describe_run(bench->plan, bench->kernels, bench->target, describe_machine(*bench), 1, LOOPGATE_VERSION);
  if (auto same = check_repeatable(measured->run, now); !same) return tl::unexpected(same.error());
  const auto cell =
      std::find_if(bench->plan.cells.begin(), bench->plan.cells.end(),
                   [&](const Cell& planned) { return planned.repetition == measured->repetition; });
  if (cell == bench->plan.cells.end()) return fail(ErrorKind::data, "run.json does not plan " + name);
  CellRequest order = order_for(bench->plan, *cell, bench->kernels[cell->kernel], bench->target,
                                measured->folder / "explaining");
  TRY(arch, explain_arch(bench->plan.board.architecture));
  return PreparedCell{std::move(*lock), std::move(*measured), std::move(*bench), std::move(order), arch};
}

// The programs that the build made for the target, each under the name that the guest runs it by.
std::vector<fs::path> target_elf_files() {
  const fs::path folder = target_programs().parent_path();
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const fs::path& place : {folder, folder / "reference-app"}) {
    for (const auto& entry : fs::directory_iterator(place, ignored)) {
      if (entry.is_regular_file() && ::access(entry.path().c_str(), X_OK) == 0) files.push_back(entry.path());
    }
  }
  return files;
}

// One look at a cell: all that is asked of it in as few runs as it takes.
template <class Ask>
auto with_bench(const PreparedCell& cell, const Ask& ask) {
  const Scratch scratch(cell.order.folder);
  const std::unique_ptr<Machine> machine = cell.bench.machine(tell);
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, cell.measured.samples.samples.size());
  // The guest is restored twice: for its symbols, and to be watched.
  const ProgressListener observe = [&](Stage stage, const InstrumentEvent& event) {
    progress.observe("explaining " + cell.measured.name + ":", stage, event);
  };
  return ask(ExplainBench{machine.get(), cell.arch, cell.order, target_elf_files(), observe});
}

Result<std::vector<std::uint32_t>> chosen_samples(const ExplainCommand& command, const MeasuredCell& cell) {
  std::vector<std::uint32_t> chosen = command.samples;
  for (const std::uint32_t sample : chosen) {
    if (auto good = check_explainable(cell.samples, sample); !good) return tl::unexpected(good.error());
  }
  const bool only_all = command.all && command.against.empty();
  const int worst = command.worst == 0 && chosen.empty() && !only_all ? 1 : command.worst;
  for (const std::uint32_t sample : worst_samples(cell.samples, static_cast<std::size_t>(worst))) {
    if (std::find(chosen.begin(), chosen.end(), sample) == chosen.end()) chosen.push_back(sample);
  }
  if (chosen.empty() && !command.all)
    return fail(ErrorKind::usage, cell.name + " has no answered sample to explain");
  return chosen;
}

Result<ExplainedSamples> explained(const PreparedCell& cell, const std::vector<std::uint32_t>& samples) {
  return with_bench(
      cell, [&](const ExplainBench& bench) { return explain_samples(bench, cell.measured, samples); });
}

// Each sample beside the cell's median one.
Status explain_chosen(const PreparedCell& cell, const std::vector<std::uint32_t>& chosen,
                      Explanation* explanation) {
  auto done = explained(cell, chosen);
  if (!done) return tl::unexpected(done.error());
  explanation->median = std::move(done->median);
  explanation->explained = std::move(done->samples);
  for (std::size_t i = 0; i < explanation->explained.size(); ++i) {
    if (explanation->explained[i].sample != explanation->median->sample)
      explanation->comparisons.push_back({i, *explanation->median});
  }
  return {};
}

// The same stimulus of another cell: kernels and loads share their schedules.
Status compare_with(const PreparedCell& other, Explanation* explanation) {
  std::vector<std::uint32_t> asked;
  for (const ExplainedSample& sample : explanation->explained) {
    if (auto good = check_explainable(other.measured.samples, sample.sample); !good)
      return fail(ErrorKind::usage,
                  fmt::format("{} has no such sample: {}", other.measured.name, good.error().what));
    asked.push_back(sample.sample);
  }
  auto done = explained(other, asked);
  if (!done) return tl::unexpected(done.error());
  for (std::size_t i = 0; i < explanation->explained.size(); ++i)
    explanation->comparisons.push_back({i, std::move(done->samples[i])});
  return {};
}

Status write_files(const fs::path& folder, const Explanation& explanation) {
  for (const ExplainedSample& sample : explanation.explained) {
    const std::string stem = fmt::format("explain-{}", sample.sample);
    const std::pair<std::string, std::string> files[] = {{".speedscope.json", to_speedscope(sample)},
                                                         {".perfetto.json", to_perfetto(sample)},
                                                         {".trace.dat", to_trace_dat(sample)}};
    for (const auto& [ending, bytes] : files) {
      const fs::path path = folder / (stem + ending);
      if (auto written = write_file_atomically(path, bytes); !written) return written;
      fmt::print("{}\n", path.string());
    }
  }
  return {};
}

Status explain(const ExplainCommand& command) {
  if (command.against == command.cell)
    return fail(ErrorKind::usage, "--against names the explained cell itself",
                "its median sample stands beside each sample anyway");
  auto cell = prepare(command.run, command.cell);
  if (!cell) return tl::unexpected(cell.error());
  auto chosen = chosen_samples(command, cell->measured);
  if (!chosen) return tl::unexpected(chosen.error());
  std::optional<PreparedCell> other;
  if (!command.against.empty()) {
    auto prepared = prepare(command.run, command.against);
    if (!prepared) return tl::unexpected(prepared.error());
    other.emplace(std::move(*prepared));
  }
  Explanation explanation;
  explanation.cell = command.cell;
  explanation.samples_sha256 = cell->measured.samples_sha256;
  if (!chosen->empty()) {
    if (auto done = explain_chosen(*cell, *chosen, &explanation); !done) return done;
  }
  if (other) {
    if (auto done = compare_with(*other, &explanation); !done) return done;
  }
  if (command.all) {
    auto phases =
        with_bench(*cell, [&](const ExplainBench& bench) { return phases_of_all(bench, cell->measured); });
    if (!phases) return tl::unexpected(phases.error());
    explanation.bands = bands_of(std::move(*phases));
  }
  fmt::print("{}\n", to_text(explanation));
  const nlohmann::json document = to_json(explanation);
  const fs::path kept = cell->measured.folder / "explain.json";
  const std::string whole = merged_with(document, read_file(kept).value_or("")).dump() + "\n";
  if (auto written = write_file_atomically(kept, whole); !written) return written;
  if (!command.json.empty()) {
    if (auto written = write_file_atomically(command.json, document.dump() + "\n"); !written) return written;
  }
  return write_files(cell->measured.folder, explanation);
}

}  // namespace

void add_explain(CLI::App* app, int* exit_status) {
  auto command = std::make_shared<ExplainCommand>();
  CLI::App* sub = app->add_subcommand(
      "explain",
      "why a sample took as long as it did: makes the run again and watches it, nanosecond by nanosecond");
  sub->footer(
      "Example: loopgate explain runs/today --cell generic.mixed --worst 3\n"
      "         loopgate explain runs/today --cell preempt-rt.irq-storm --sample 4711 --against "
      "generic-threadirqs.irq-storm\n"
      "`loopgate report` then shows the pictures. speedscope, Perfetto and trace-cmd open the files that it "
      "names.");
  sub->add_option("run", command->run, "folder of the run")->required();
  sub->add_option("--cell", command->cell, "KERNEL.LOAD, as in the run's table")->required();
  sub->add_option("--worst", command->worst, "the samples of highest latency (default: 1, if none is named)")
      ->check(CLI::Range(1, 100));
  sub->add_option("--sample", command->samples,
                  "a sample by its index in the schedule; may be given several times");
  sub->add_option("--against", command->against, "another cell of the run, whose same samples are compared");
  sub->add_flag("--all", command->all, "which phase makes the tail: the phases of every sample");
  sub->add_option("--json", command->json, "also write all of it to this file");
  sub->callback([command, exit_status] {
    auto done = explain(*command);
    *exit_status = done ? exit_pass : told(done.error());
  });
}

}  // namespace loopgate
