#include "stats/stats_run.h"

#include <fmt/format.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/digest.h"
#include "base/file.h"
#include "record/bench_health.h"
#include "record/derived_files.h"
#include "record/hunt_file.h"
#include "record/measured_from.h"
#include "record/run_record.h"
#include "stats/beside.h"
#include "stats/distribution.h"
#include "stats/exact_tail.h"
#include "stats/same_kernels.h"
#include "stats/summary_json.h"
#include "stats/unconfirmed.h"
#include "stats/within_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// What is done with a run's parts while their samples are at hand.
struct Visitor {
  // `summary` is null where the cell is not measured.
  std::function<Status(const RunRecord&, const DescribedCell&, const CellResult&, const Summary* summary)>
      cell = [](const auto&, const auto&, const auto&, const auto*) { return Status(); };
  // Without one, the pooled latencies need not be held at once.
  std::function<void(const GroupEvidence&, const std::vector<std::int64_t>& answered_ns)> group = {};
};

std::string summary_json(const RunRecord& run, const DescribedCell& cell, const CellResult& result,
                         const Summary& summary) {
  Json json = {{"format", 1},
               {"cell", cell.name},
               {"suite", run.suite.name},
               {"board", run.board.name},
               {"kernel", cell.kernel},
               {"load", cell.load},
               {"repetition", cell.repetition},
               {"time_base", name_of(run.time_base)},
               {"samples_sha256", result.samples_sha256}};
  json.update(summary_fields(summary, run.deadline_ns, false));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json histogram_json(const Histogram& histogram) {
  return {{"lower_ns", histogram.lower_ns}, {"upper_ns", histogram.upper_ns}, {"count", histogram.count}};
}

Json distribution_of(const GroupEvidence& group, const std::vector<std::int64_t>& answered_ns) {
  const Exceedance exceedance = exceedance_of(answered_ns);
  Json json = {{"kernel", group.kernel},
               {"load", group.load},
               {"histogram", histogram_json(histogram_of(answered_ns))},
               {"exceedance",
                {{"latency_ns", exceedance.latency_ns},
                 {"count_above", exceedance.count_above},
                 {"of", exceedance.of}}}};
  if (beside_of(group)) json["beside"] = histogram_json(histogram_beside(group));
  return json;
}

std::string distribution_json(TimeBase time_base, Json groups) {
  const Json json = {
      {"format", 1}, {"time_base", name_of(time_base)}, {"unit", "ns"}, {"groups", std::move(groups)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

// A group's cells are of one kernel, or it is not known which it is.
void note_kernel(const std::string& sha256, GroupEvidence* group) {
  if (group->replicates.empty()) {
    group->kernel_in_effect_sha256 = sha256;
  } else if (group->kernel_in_effect_sha256 != sha256) {
    group->kernel_in_effect_sha256.clear();
  }
}

// In wall-clock time equal inputs give unequal samples.
std::string inputs_of(const RunRecord& run, const DescribedCell& cell) {
  return run.time_base == TimeBase::virtual_time ? inputs_sha256(measured_from(run, cell)) : std::string();
}

void add_programs(std::vector<ProgramReplicate> replicates, GroupEvidence* group) {
  for (std::size_t i = 0; i < replicates.size(); ++i)
    group->programs[i].replicates.push_back(std::move(replicates[i]));
}

// Programs that measured in place of a payload leave no samples.
void gather_programs(const fs::path& run_dir, const CellContext& context, GroupEvidence* group) {
  const RunRecord& run = context.run;
  for (const ProgramInput& program : run.programs) group->programs.push_back({program.name, {}});
  bool first = true;
  for (const DescribedCell& cell : run.cells) {
    if (cell.kernel != group->kernel || cell.load != group->load) continue;
    const fs::path folder = run_dir / "cells" / cell.name;
    UnmeasuredCell unmeasured;
    const auto outcome = measured_outcome(folder, cell, context, &unmeasured);
    if (!outcome) {
      group->invalid.push_back(std::move(unmeasured));
      continue;
    }
    auto replicates = read_cell_programs(folder, *outcome, cell, run);
    if (!replicates) {
      group->invalid.push_back({cell.name, "invalid", within_run(replicates.error().what, run_dir), true});
      continue;
    }
    add_programs(std::move(*replicates), group);
    note_unconfirmed(outcome->unconfirmed_arguments, group);
    if (std::exchange(first, false)) group->kernel_in_effect_sha256 = outcome->kernel_in_effect_sha256;
    if (group->kernel_in_effect_sha256 != outcome->kernel_in_effect_sha256)
      group->kernel_in_effect_sha256.clear();
  }
}

std::vector<std::int64_t> pooled_answers(const std::vector<std::shared_ptr<const ExactTail>>& tails) {
  std::vector<const SortedLatencies*> parts;
  std::uint64_t all = 0;
  for (const auto& each : tails) {
    parts.push_back(&each->answered());
    all += each->answered().size();
  }
  std::vector<std::int64_t> pooled;
  pooled.reserve(all);
  for (MergedLatencies rest(parts); !rest.at_end();) pooled.push_back(rest.next());
  return pooled;
}

// Each cell is summarized once. Its latencies are kept by its replicate alone: pooled ones are read from
// there in their order, or made of a group at a time, and dropped with it.
Status gather_group(const fs::path& run_dir, const CellContext& context, KnownFigures* known,
                    const Visitor& visitor, GroupEvidence* group) {
  const RunRecord& run = context.run;
  CellStatistics pooled;
  for (const ProgramInput& program : run.programs) group->programs.push_back({program.name, {}});
  std::vector<std::shared_ptr<const ExactTail>> tails;
  std::vector<Course> courses;
  for (const DescribedCell& cell : run.cells) {
    if (cell.kernel != group->kernel || cell.load != group->load) continue;
    CellResult result = read_cell_result(run_dir / "cells" / cell.name, cell, context, known);
    if (!result.measured) {
      group->invalid.push_back(result.unmeasured);
      TRY_STATUS(visitor.cell(run, cell, result, nullptr));
      continue;
    }
    const Summary summary = summarize(*result.measured);
    pool_counts(*result.measured, &pooled);
    TRY_STATUS(visitor.cell(run, cell, result, &summary));
    note_kernel(result.kernel_in_effect_sha256, group);
    note_unconfirmed(result.unconfirmed_arguments, group);
    if (result.lost_edges)
      (group->lost_edges ? *group->lost_edges : group->lost_edges.emplace()) += *result.lost_edges;
    add_programs(std::move(result.programs), group);
    courses.push_back(std::move(result.measured->course));
    tails.push_back(std::make_shared<ExactTail>(result.measured->latencies));
    group->replicates.push_back({cell.name, summary.counts, summary.latency, summary.latency_with_not_sent,
                                 tails.back(), summary.decisions, inputs_of(run, cell), result.samples_sha256,
                                 nullptr, result.lost_edges, result.measured->waited_in_vain});
  }
  group->summary = summarize(pooled, tails);
  group->pooled =
      std::make_shared<PooledTail>(std::vector<std::shared_ptr<const Tail>>(tails.begin(), tails.end()));
  if (!courses.empty()) group->stationarity = stationarity_of(courses);
  for (std::size_t i = 0; i < courses.size(); ++i)
    group->replicates[i].course = std::make_shared<const Course>(std::move(courses[i]));
  if (visitor.group) visitor.group(*group, pooled_answers(tails));
  return {};
}

// Of other samples than a cell's they say nothing: the sentence that tells the first such cell. Measuring it
// again removes the file, so that one of the two came from elsewhere.
template <class Cell>
std::string add_of_same_samples(const std::vector<Cell>& all, const char* file, const GroupEvidence& group,
                                std::vector<Cell>* to) {
  std::string other;
  for (const Replicate& each : group.replicates) {
    const auto found = std::ranges::find(all, each.cell, &Cell::cell);
    if (found == all.end()) continue;
    if (found->samples_sha256 == each.samples_sha256)
      to->push_back(*found);
    else if (other.empty())
      other = fmt::format("{} is of other samples of {} than those in its folder", file, each.cell);
  }
  return other;
}

// Of both files as they are, and of what is not there.
std::string worst_case_sha256(const fs::path& run_dir) {
  std::string both;
  for (const char* file : {worst_case_file, hunt_file}) {
    const auto text = read_file(run_dir / file);
    if (text) both += fmt::format("{} {}\n", file, sha256_of(*text));
  }
  return sha256_of(both);
}

void add_worst_cases(const fs::path& run_dir, Comparison* comparison) {
  const auto bounds = read_worst_cases(run_dir);
  const auto hunt = read_hunt(run_dir);
  for (GroupEvidence& group : comparison->groups) {
    if (!bounds) group.worst_case_problem = within_run(bounds.error().what, run_dir);
    if (bounds && *bounds)
      group.worst_case_problem =
          add_of_same_samples((*bounds)->cells, worst_case_file, group, &group.worst_cases);
    if (!hunt) group.hunt_problem = within_run(hunt.error().what, run_dir);
    if (hunt && *hunt) group.hunt_problem = add_of_same_samples(**hunt, hunt_file, group, &group.hunted);
  }
  comparison->worst_case_sha256 = worst_case_sha256(run_dir);
}

Result<Comparison> gather(const fs::path& run_dir, KnownFigures known, const Visitor& visitor) {
  TRY(run, read_run_record(run_dir));
  if (run.shard)  // whose figures would pass for the whole's
    return fail(ErrorKind::usage,
                fmt::format("{} is a part, {}: merge first", run_dir.string(), run.shard->text()),
                "loopgate merge, with the folders of all shards and --out for the whole");
  const CellContext context{run, is_bench_trusted(run_dir, run)};
  Comparison comparison = describe(run);
  comparison.bench_trusted = context.bench_trusted;
  for (GroupEvidence& group : comparison.groups) {
    if (run.has_programs_alone()) {
      gather_programs(run_dir, context, &group);
    } else {
      TRY_STATUS(gather_group(run_dir, context, &known, visitor, &group));
    }
  }
  note_same_kernels(&comparison);
  add_worst_cases(run_dir, &comparison);
  return comparison;
}

}  // namespace

Result<Comparison> run_statistics(const fs::path& run_dir) { return gather(run_dir, {}, {}); }

Result<Comparison> compute_run_statistics(const fs::path& run_dir, KnownFigures known, FileWriter write) {
  TRY_STATUS(remove_statistics(run_dir));
  Json distributions = Json::array();
  Visitor visitor;
  visitor.cell = [&](const RunRecord& run, const DescribedCell& cell, const CellResult& result,
                     const Summary* summary) {
    if (summary == nullptr) return Status();
    return write(run_dir / "cells" / cell.name / "summary.json", summary_json(run, cell, result, *summary));
  };
  visitor.group = [&](const GroupEvidence& group, const std::vector<std::int64_t>& answered_ns) {
    distributions.push_back(distribution_of(group, answered_ns));
  };
  TRY(comparison, gather(run_dir, std::move(known), visitor));
  TRY_STATUS(write(run_dir / "comparison.json", to_json(comparison)));
  TRY_STATUS(write(run_dir / "distribution.json",
                   distribution_json(comparison.time_base, std::move(distributions))));
  return comparison;
}

}  // namespace loopgate
