#include "stats/stats_run.h"

#include <functional>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "record/bench_health.h"
#include "record/run_record.h"
#include "stats/distribution.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

using OnCell = std::function<Status(const RunRecord&, const DescribedCell&, const CellResult&)>;

std::string summary_json(const RunRecord& run, const DescribedCell& cell, const CellResult& result) {
  Json json = {{"format", 1},
               {"cell", cell.name},
               {"suite", run.suite.name},
               {"board", run.board.name},
               {"kernel", cell.kernel},
               {"load", cell.load},
               {"repetition", cell.repetition},
               {"time_base", name_of(run.time_base)},
               {"samples_sha256", result.samples_sha256}};
  json.update(summary_fields(summarize(*result.measured), run.deadline_ns, false));
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string distribution_json(const RunStatistics& statistics) {
  Json groups = Json::array();
  for (std::size_t i = 0; i < statistics.latencies.size(); ++i) {
    const Group& group = statistics.comparison.groups[i];
    const Histogram histogram = histogram_of(statistics.latencies[i].answered_ns);
    const Exceedance exceedance = exceedance_of(statistics.latencies[i].answered_ns);
    groups.push_back(
        {{"kernel", group.kernel},
         {"load", group.load},
         {"histogram",
          {{"lower_ns", histogram.lower_ns}, {"upper_ns", histogram.upper_ns}, {"count", histogram.count}}},
         {"exceedance",
          {{"latency_ns", exceedance.latency_ns},
           {"count_above", exceedance.count_above},
           {"of", exceedance.of}}}});
  }
  const Json json = {{"format", 1},
                     {"time_base", name_of(statistics.comparison.time_base)},
                     {"unit", "ns"},
                     {"groups", std::move(groups)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<RunStatistics> gather(const fs::path& run_dir, KnownFigures known, const OnCell& on_cell) {
  auto run = read_run_record(run_dir);
  if (!run) return tl::unexpected(run.error());
  const CellContext context{*run, is_bench_trusted(run_dir, *run)};
  RunStatistics statistics{describe(*run), {}, {}};
  for (Group& group : statistics.comparison.groups) {
    CellStatistics pooled;
    std::vector<Latencies>& boots = statistics.boots.emplace_back();
    for (const DescribedCell& cell : run->cells) {
      if (cell.kernel != group.kernel || cell.load != group.load) continue;
      const CellResult result = read_cell_result(run_dir / "cells" / cell.name, cell, context, &known);
      if (result.measured) {
        pool(*result.measured, &pooled);
        if (run->time_base == TimeBase::wall_clock) {
          group.boots.push_back(boot_of(cell.name, *result.measured));
          boots.push_back(result.measured->latencies);
        }
      } else {
        group.invalid.push_back(result.unmeasured);
      }
      if (auto done = on_cell(*run, cell, result); !done) return tl::unexpected(done.error());
    }
    group.summary = summarize(pooled);
    statistics.latencies.push_back(std::move(pooled.latencies));
  }
  return statistics;
}

}  // namespace

Result<RunStatistics> run_statistics(const fs::path& run_dir) {
  return gather(run_dir, {}, [](const auto&, const auto&, const auto&) { return Status(); });
}

Result<RunStatistics> compute_run_statistics(const fs::path& run_dir, KnownFigures known) {
  const auto write_summary = [&](const RunRecord& run, const DescribedCell& cell, const CellResult& result) {
    const fs::path path = run_dir / "cells" / cell.name / "summary.json";
    if (result.measured) return write_file_atomically(path, summary_json(run, cell, result));
    std::error_code ignored;
    fs::remove(path, ignored);  // of an earlier state of this cell
    return Status();
  };
  auto statistics = gather(run_dir, std::move(known), write_summary);
  if (!statistics) return statistics;
  if (auto done = write_file_atomically(run_dir / "comparison.json", to_json(statistics->comparison)); !done)
    return tl::unexpected(done.error());
  if (auto done = write_file_atomically(run_dir / "distribution.json", distribution_json(*statistics)); !done)
    return tl::unexpected(done.error());
  return statistics;
}

}  // namespace loopgate
