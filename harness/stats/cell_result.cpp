#include "stats/cell_result.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "record/frames_file.h"
#include "record/json_fields.h"
#include "record/samples_file.h"
#include "record/stamps_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  std::string outcome;
  std::string reason;
  std::string samples_sha256;
  std::string frames_sha256;
  std::string stamps_sha256;
  std::string time_base;
  bool self_check_passed = false;
};

Result<Outcome> read_outcome(const fs::path& path, const DescribedCell& cell) {
  auto fields = read_json_file(path);
  if (!fields) return tl::unexpected(fields.error());
  Outcome outcome;
  std::string name;
  fields->required("cell", &name);
  fields->required("outcome", &outcome.outcome);
  fields->optional("reason", &outcome.reason);
  fields->required("time_base", &outcome.time_base);
  if (name != cell.name)
    fields->refuse("cell", fmt::format("is {}, and this is the folder of {}", name, cell.name));
  if (outcome.outcome == "measured") {
    fields->required("samples_sha256", &outcome.samples_sha256);
    fields->optional("frames_sha256", &outcome.frames_sha256);
    fields->optional("stamps_sha256", &outcome.stamps_sha256);
    fields->object("self_check").required("passed", &outcome.self_check_passed);
  } else if (outcome.outcome != "kernel_failed" && outcome.outcome != "invalid") {
    fields->refuse("outcome", "must be measured, kernel_failed or invalid");
  }
  if (auto done = fields->finish(); !done) return tl::unexpected(done.error());
  return outcome;
}

// Of a board (run/health.h): whether its known-good kernel was measured after the candidates. The virtual
// bench needs none.
bool was_the_bench_sound(const fs::path& run_dir) {
  std::error_code ignored;
  const fs::path health = run_dir / "health";
  if (!fs::exists(health, ignored)) return true;
  auto after = read_json_file(health / "after" / "outcome.json");
  if (!after) return false;
  std::string outcome;
  after->required("outcome", &outcome);
  return outcome == "measured";
}

// What the samples must share with run.json, so that no other cell's file can stand in; empty when they do.
std::string check_plan(const SampleFile& file, const SampleCounts& counts, const DescribedCell& cell,
                       const RunDescription& run) {
  if (file.header.time_base != run.time_base)
    return fmt::format("is of {} time, and the run of {} time", name_of(file.header.time_base),
                       name_of(run.time_base));
  if (file.header.seed != cell.seed)
    return fmt::format("has the seed {}, and the plan {}: it is another cell's", file.header.seed, cell.seed);
  if (file.header.deadline_ns != run.deadline_ns)
    return fmt::format("has a deadline of {} ns, and the run {} ns", file.header.deadline_ns,
                       run.deadline_ns);
  if (file.samples.size() != file.header.records_planned)
    return fmt::format("has {} of {} planned records", file.samples.size(), file.header.records_planned);
  if (counts.scheduled != run.samples)
    return fmt::format("has {} counted stimuli, and the plan {}", counts.scheduled, run.samples);
  return {};
}

Status check_digest(const fs::path& path, const std::string& sha256) {
  auto digest = sha256_of_file(path);
  if (!digest) return tl::unexpected(digest.error());
  if (*digest == sha256) return {};
  return fail(ErrorKind::data, fmt::format("{}: {} was altered: its sha256 is not the one in outcome.json",
                                           path.string(), path.filename().string()));
}

Status read_path(const fs::path& path, const Outcome& outcome, const SampleFile& file,
                 CellStatistics* measured) {
  if (auto same = check_digest(path, outcome.stamps_sha256); !same) return same;
  auto stamps = read_stamps(path);
  if (!stamps) return tl::unexpected(stamps.error());
  auto stages = path_of(file, *stamps);
  if (!stages) return tl::unexpected(stages.error());
  measured->stages = std::move(*stages);
  return {};
}

Result<CellStatistics> read_measured(const fs::path& path, const Outcome& outcome, const DescribedCell& cell,
                                     const RunDescription& run) {
  if (auto same = check_digest(path, outcome.samples_sha256); !same) return tl::unexpected(same.error());
  auto file = read_samples(path);
  if (!file) return tl::unexpected(file.error());
  CellStatistics measured = collect_statistics(*file, cell.name);
  if (const std::string problem = check_plan(*file, measured.counts, cell, run); !problem.empty())
    return fail(ErrorKind::data, fmt::format("{}: {}", path.string(), problem));
  if (!outcome.stamps_sha256.empty()) {
    if (auto done = read_path(path.parent_path() / "stamps.lst", outcome, *file, &measured); !done)
      return tl::unexpected(done.error());
  }
  if (!run.decisions) return measured;
  measured.decisions = decisions_of(*file);
  const fs::path frames_path = path.parent_path() / "frames.lgf";
  if (auto same = check_digest(frames_path, outcome.frames_sha256); !same)
    return tl::unexpected(same.error());
  auto frames = read_frames(frames_path);
  if (!frames) return tl::unexpected(frames.error());
  auto stages = stages_of(*file, *frames, *run.decisions);
  if (!stages) return tl::unexpected(stages.error());
  measured.stages = std::move(*stages);
  return measured;
}

}  // namespace

CellResult read_cell_result(const fs::path& cell_dir, const DescribedCell& cell, const RunDescription& run) {
  CellResult result;
  const auto unmeasured = [&](std::string outcome, std::string reason) {
    result.unmeasured = {cell.name, std::move(outcome), std::move(reason)};
    return result;
  };
  const fs::path path = cell_dir / "outcome.json";
  std::error_code ignored;
  if (!fs::exists(path, ignored))
    return unmeasured("missing",
                      fmt::format("{}: there is none, so the cell was not finished", path.string()));
  auto outcome = read_outcome(path, cell);
  if (!outcome) return unmeasured("invalid", outcome.error().what);
  if (outcome->outcome == "kernel_failed" && !was_the_bench_sound(cell_dir.parent_path().parent_path()))
    return unmeasured("invalid",
                      "nobody looked at the bench after it, so no kernel is blamed (go on with --resume): " +
                          outcome->reason);
  if (outcome->outcome != "measured") return unmeasured(outcome->outcome, outcome->reason);
  if (!outcome->self_check_passed)
    return unmeasured("invalid", fmt::format("{}: the instrument's self-check did not pass", path.string()));
  if (outcome->time_base != name_of(run.time_base))
    return unmeasured("invalid", fmt::format("{}: time_base is not the run's", path.string()));
  auto measured = read_measured(cell_dir / "samples.lgs", *outcome, cell, run);
  if (!measured) return unmeasured("invalid", measured.error().what);
  result.measured = std::move(*measured);
  result.samples_sha256 = outcome->samples_sha256;
  return result;
}

}  // namespace loopgate
