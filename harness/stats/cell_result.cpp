#include "stats/cell_result.h"

#include <fmt/format.h>

#include "record/file_contradictions.h"
#include "stats/within_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What the samples must share with run.json, so that no other cell's file can stand in; empty when they do.
std::string check_plan(const CellFigures& figures, const DescribedCell& cell, const RunRecord& run) {
  const SampleHeader& header = figures.header;
  const std::uint64_t scheduled = figures.measured.counts.scheduled;
  if (header.time_base != run.time_base)
    return fmt::format("is of {} time, and the run of {} time", name_of(header.time_base),
                       name_of(run.time_base));
  if (header.seed != cell.seed)
    return fmt::format("has the seed {}, and the plan {}: it is another cell's", header.seed, cell.seed);
  if (header.deadline_ns != run.deadline_ns)
    return fmt::format("has a deadline of {} ns, and the run {} ns", header.deadline_ns, run.deadline_ns);
  if (figures.records != header.records_planned)
    return fmt::format("has {} of {} planned records", figures.records, header.records_planned);
  if (scheduled != run.samples)
    return fmt::format("has {} counted stimuli, and the plan {}", scheduled, run.samples);
  return {};
}

// Why an outcome that says measured is none; empty when it is one.
std::string check_outcome(const fs::path& path, const Outcome& outcome) {
  if (!outcome.self_check_passed)
    return fmt::format("{}: the instrument's self-check did not pass", path.string());
  return {};
}

Result<CellFigures> known_or_read(const fs::path& cell_folder, const Outcome& outcome,
                                  const DescribedCell& cell, const RunRecord& run, KnownFigures* known) {
  if (known != nullptr) {
    auto kept = known->extract(cell.name);
    if (kept && kept.mapped().samples_sha256 == outcome.sha256_of(samples_artifact))
      return std::move(kept.mapped());
  }
  return read_cell_figures(cell_folder, outcome, cell, run);
}

}  // namespace

Result<CellFigures> figures_of(const std::string& cell, const RawCell& raw) {
  const SampleFile& file = raw.samples.file;
  CellFigures figures{file.header, file.samples.size(), raw.samples.sha256, collect_statistics(file, cell)};
  if (raw.stamps != nullptr) {
    TRY(stages, path_of(file, *raw.stamps));
    figures.measured.stages = std::move(stages);
  }
  if (raw.probe != nullptr) {  // which sees more of the way than the payload's stamps
    TRY(phases, phases_of(file, *raw.probe));
    if (auto& traced = phases.probe->traced) traced->cell = cell;
    figures.measured.stages = std::move(phases);
  }
  if (!raw.decisions) return figures;
  figures.measured.decisions = decisions_of(file);
  TRY(stages, stages_of(file, *raw.frames, *raw.decisions));
  figures.measured.stages = std::move(stages);
  return figures;
}

Result<CellFigures> read_cell_figures(const fs::path& cell_folder, const Outcome& outcome,
                                      const DescribedCell& cell, const RunRecord& run) {
  TRY(samples, load_samples(cell_folder, outcome.sha256_of(samples_artifact)));
  RawCell raw{.samples = samples, .decisions = run.decisions};
  Loaded<StampsFile> stamps;
  if (const std::string sha256 = outcome.sha256_of(stamps_artifact); !sha256.empty()) {
    TRY(loaded, load_stamps(cell_folder, sha256));
    stamps = std::move(loaded);
    raw.stamps = &stamps.file;
  }
  Loaded<ProbeFile> probe;
  if (!run.probe.empty()) {
    const std::string sha256 = outcome.sha256_of(probe_artifact);
    if (sha256.empty())
      return fail(ErrorKind::data, fmt::format("{}: outcome.json has no digest of {}", cell_folder.string(),
                                               probe_artifact.name));
    TRY(loaded, load_probe(cell_folder, sha256));
    probe = std::move(loaded);
    raw.probe = &probe.file;
    if (const std::string trace = outcome.sha256_of(trace_artifact); !trace.empty())
      TRY_STATUS(check_trace(cell_folder, trace));
  }
  Loaded<FramesFile> frames;
  if (run.decisions) {
    const std::string sha256 = outcome.sha256_of(frames_artifact);
    if (sha256.empty())
      return fail(ErrorKind::data, fmt::format("{}: outcome.json has no digest of {}", cell_folder.string(),
                                               frames_artifact.name));
    TRY(loaded, load_frames(cell_folder, sha256));
    frames = std::move(loaded);
    raw.frames = &frames.file;
  }
  TRY(figures, figures_of(cell.name, raw));
  if (const std::string problem = check_plan(figures, cell, run); !problem.empty())
    return fail(ErrorKind::data,
                fmt::format("{}: {}", (cell_folder / samples_artifact.name).string(), problem));
  return figures;
}

static fs::path run_of(const fs::path& cell_folder) { return cell_folder.parent_path().parent_path(); }

std::optional<Outcome> measured_outcome(const fs::path& cell_folder, const DescribedCell& cell,
                                        const CellContext& context, UnmeasuredCell* unmeasured) {
  const auto refuse = [&](std::string outcome, std::string reason, bool unreadable = false) {
    *unmeasured = {cell.name, std::move(outcome), std::move(reason), unreadable};
    return std::nullopt;
  };
  const auto unreadable = [&](const std::string& why) {
    return refuse("invalid", within_run(why, run_of(cell_folder)), true);
  };
  if (!has_outcome(cell_folder)) return refuse("missing", "it has no outcome.json, so it was not finished");
  auto outcome = read_outcome(cell_folder, context.run, cell);
  if (!outcome) return unreadable(outcome.error().what);
  // Whom the console and the others blame is open where they were altered.
  if (auto whole = check_shown_files(cell_folder, *outcome); !whole) return unreadable(whole.error().what);
  if (outcome->kind == OutcomeKind::kernel_failed && !context.bench_trusted)
    return refuse("invalid",
                  "the bench was not checked again afterwards, so no kernel is blamed (go on with "
                  "--resume): " +
                      outcome->reason);
  if (outcome->kind != OutcomeKind::measured) {
    refuse(name_of(outcome->kind), outcome->reason);
    unmeasured->next_step = outcome->next_step;
    return std::nullopt;
  }
  if (const std::string contradiction = contradiction_of_files(cell_folder, *outcome); !contradiction.empty())
    return unreadable(fmt::format("{}: contradicts itself: {}", cell_folder.string(), contradiction));
  return std::move(*outcome);
}

CellResult read_cell_result(const fs::path& cell_folder, const DescribedCell& cell,
                            const CellContext& context, KnownFigures* known) {
  CellResult result;
  const auto outcome = measured_outcome(cell_folder, cell, context, &result.unmeasured);
  if (!outcome) return result;
  const auto invalid = [&](std::string reason) {
    result.unmeasured = {cell.name, "invalid", within_run(std::move(reason), run_of(cell_folder)), true};
    return result;
  };
  if (std::string problem = check_outcome(cell_folder / "outcome.json", *outcome); !problem.empty())
    return invalid(std::move(problem));
  auto figures = known_or_read(cell_folder, *outcome, cell, context.run, known);
  if (!figures) return invalid(figures.error().what);
  if (!context.run.programs.empty()) {
    auto programs = read_cell_programs(cell_folder, *outcome, cell, context.run);
    if (!programs) return invalid(programs.error().what);
    result.programs = std::move(*programs);
  }
  result.samples_sha256 = std::move(figures->samples_sha256);
  result.kernel_in_effect_sha256 = outcome->kernel_in_effect_sha256;
  result.unconfirmed_arguments = outcome->unconfirmed_arguments;
  result.lost_edges = outcome->lost_edges;
  result.measured = std::move(figures->measured);
  result.measured->work = outcome->work;
  return result;
}

}  // namespace loopgate
