#include "gate/testing/made_up_run.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stats/testing/recorded_run.h"

namespace loopgate::testing {

RunStatistics make_statistics(const std::vector<MadeUpGroup>& groups) {
  RunStatistics statistics;
  Comparison& comparison = statistics.comparison;
  comparison.suite = {"irq-to-gpio", "suite-1"};
  comparison.board = {"qemu-virt-arm64", "board-1"};
  comparison.icount_shift = 0;
  comparison.deadline_ns = deadline_ns;
  comparison.interval_ns = {600'000, 1'400'000};
  for (const MadeUpGroup& made_up : groups) {
    if (std::none_of(comparison.loads.begin(), comparison.loads.end(),
                     [&](const NamedInput& load) { return load.name == made_up.load; }))
      comparison.loads.push_back({made_up.load, "load-1"});
    Measured measured;
    if (!made_up.latencies_ns.empty()) measured = measure(make_samples(made_up.latencies_ns), "cell");
    Group group{made_up.kernel,
                made_up.load,
                {made_up.kernel + "." + made_up.load},
                made_up.invalid,
                summarize(measured)};
    comparison.groups.push_back(std::move(group));
    statistics.latencies.push_back(std::move(measured.latencies));
  }
  return statistics;
}

Policy make_policy(const std::string& rules) {
  auto policy = parse_policy(policy_head + rules, "p.toml");
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
