#include "gate/testing/made_up_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "record/testing/recorded_run.h"
#include "stats/exact_tail.h"

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

void add_group(const MadeUpReplicates& made_up, Comparison* comparison) {
  name_load(made_up.load, comparison);
  GroupEvidence& group = comparison->groups.emplace_back();
  group.kernel = made_up.kernel;
  group.load = made_up.load;
  group.invalid = made_up.invalid;
  CellStatistics pooled;
  std::vector<std::shared_ptr<const Tail>> tails;
  for (const std::vector<std::int64_t>& latencies_ns : made_up.replicates) {
    const std::string cell =
        fmt::format("{}.{}.{}", made_up.kernel, made_up.load, group.replicates.size() + 1);
    const CellStatistics statistics = collect_statistics(make_samples(latencies_ns), cell);
    const Summary summary = summarize(statistics);
    pool(statistics, &pooled);
    tails.push_back(std::make_shared<ExactTail>(statistics.latencies));
    group.cells.push_back(cell);
    group.replicates.push_back(
        {cell, summary.counts, summary.latency, summary.latency_with_not_sent, tails.back()});
    group.replicates.back().course = std::make_shared<const Course>(statistics.course);
  }
  for (const UnmeasuredCell& cell : made_up.invalid) group.cells.push_back(cell.cell);
  group.summary = summarize(pooled);
  group.pooled = std::make_shared<PooledTail>(std::move(tails));
}

}  // namespace

Comparison make_statistics(const std::vector<MadeUpGroup>& groups) {
  Comparison comparison = empty_comparison();
  comparison.board = {"qemu-virt-arm64", "board-1"};
  comparison.icount_shift = 0;
  for (const MadeUpGroup& made_up : groups) {
    MadeUpReplicates one{made_up.kernel, made_up.load, {}, made_up.invalid};
    if (!made_up.latencies_ns.empty()) one.replicates = {made_up.latencies_ns};
    add_group(one, &comparison);
    GroupEvidence& group = comparison.groups.back();
    group.cells = {made_up.kernel + "." + made_up.load};
    if (!group.replicates.empty()) group.replicates.front().cell = group.cells.front();
  }
  return comparison;
}

Comparison make_wall_statistics(const std::vector<MadeUpReplicates>& groups) {
  Comparison comparison = empty_comparison();
  comparison.board = {"raspberry-pi-4b", "board-4"};
  comparison.time_base = TimeBase::wall_clock;
  for (const MadeUpReplicates& made_up : groups) add_group(made_up, &comparison);
  return comparison;
}

Comparison make_virtual_statistics(const std::vector<MadeUpReplicates>& groups) {
  Comparison comparison = make_statistics({});
  for (const MadeUpReplicates& made_up : groups) add_group(made_up, &comparison);
  return comparison;
}

Policy make_policy(const std::string& rules, const std::string& head) {
  auto policy = parse_policy(head + rules, "p.toml");
  if (policy) return std::move(*policy);
  ADD_FAILURE() << policy.error().what;
  return {};
}

std::string refusal(const Comparison& run, const Policy& policy, const std::optional<Baseline>& baseline) {
  const auto verdict = evaluate(run, policy, baseline);
  if (verdict) return "accepted";
  EXPECT_EQ(verdict.error().kind, ErrorKind::usage);
  return verdict.error().what;
}

std::vector<std::int64_t> latencies_with(std::size_t count, std::size_t above) {
  std::vector<std::int64_t> latencies(count, 20'000);
  for (std::size_t i = 0; i < above; ++i) latencies[i * count / above] = 200'000;
  return latencies;
}

}  // namespace loopgate::testing
