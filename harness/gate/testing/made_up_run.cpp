#include "gate/testing/made_up_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "record/testing/recorded_run.h"

namespace loopgate::testing {

namespace {

Comparison empty_comparison() {
  Comparison comparison;
  comparison.suite = {"irq-to-gpio", "suite-1"};
  comparison.deadline_ns = deadline_ns;
  comparison.interval_ns = {600'000, 1'400'000};
  return comparison;
}

void name_load(const std::string& name, Comparison* comparison) {
  if (std::none_of(comparison->loads.begin(), comparison->loads.end(),
                   [&](const NamedInput& load) { return load.name == name; }))
    comparison->loads.push_back({name, "load-1"});
}

}  // namespace

RunStatistics make_statistics(const std::vector<MadeUpGroup>& groups) {
  RunStatistics statistics;
  Comparison& comparison = statistics.comparison;
  comparison = empty_comparison();
  comparison.board = {"qemu-virt-arm64", "board-1"};
  comparison.icount_shift = 0;
  for (const MadeUpGroup& made_up : groups) {
    name_load(made_up.load, &comparison);
    CellStatistics measured;
    if (!made_up.latencies_ns.empty())
      measured = collect_statistics(make_samples(made_up.latencies_ns), "cell");
    Group group{made_up.kernel,  made_up.load, {made_up.kernel + "." + made_up.load},
                made_up.invalid, {},           summarize(measured)};
    comparison.groups.push_back(std::move(group));
    statistics.latencies.push_back(std::move(measured.latencies));
    statistics.boots.emplace_back();
  }
  return statistics;
}

RunStatistics make_wall_statistics(const std::vector<MadeUpBoots>& groups) {
  RunStatistics statistics;
  Comparison& comparison = statistics.comparison;
  comparison = empty_comparison();
  comparison.board = {"raspberry-pi-4b", "board-4"};
  comparison.time_base = TimeBase::wall_clock;
  for (const MadeUpBoots& made_up : groups) {
    name_load(made_up.load, &comparison);
    Group& group = comparison.groups.emplace_back();
    group.kernel = made_up.kernel;
    group.load = made_up.load;
    group.invalid = made_up.invalid;
    CellStatistics pooled;
    std::vector<Latencies>& boots = statistics.boots.emplace_back();
    for (const std::vector<std::int64_t>& latencies_ns : made_up.boots) {
      const std::string cell = fmt::format("{}.{}.{}", made_up.kernel, made_up.load, group.boots.size() + 1);
      const CellStatistics measured = collect_statistics(make_samples(latencies_ns), cell);
      group.cells.push_back(cell);
      group.boots.push_back(boot_of(cell, measured));
      boots.push_back(measured.latencies);
      pool(measured, &pooled);
    }
    for (const UnmeasuredCell& cell : made_up.invalid) group.cells.push_back(cell.cell);
    group.summary = summarize(pooled);
    statistics.latencies.push_back(std::move(pooled.latencies));
  }
  return statistics;
}

Policy make_policy(const std::string& rules, const std::string& head) {
  auto policy = parse_policy(head + rules, "p.toml");
  if (policy) return std::move(*policy);
  ADD_FAILURE() << policy.error().what;
  return {};
}

std::vector<std::int64_t> latencies_with(std::size_t count, std::size_t above) {
  std::vector<std::int64_t> latencies(count, 20'000);
  std::fill_n(latencies.begin(), above, 200'000);
  return latencies;
}

}  // namespace loopgate::testing
