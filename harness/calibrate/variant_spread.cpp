#include "calibrate/variant_spread.h"

#include <algorithm>
#include <numeric>

#include "base/random_draws.h"

namespace loopgate {
namespace {

// From 1, equal figures with the middle of theirs. Twice the rank, which is whole.
std::vector<std::uint64_t> doubled_ranks(const std::vector<double>& figures, double* tied) {
  std::vector<std::size_t> order(figures.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return figures[a] < figures[b]; });
  std::vector<std::uint64_t> ranks(figures.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && figures[order[end]] == figures[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = begin + 1 + end;
    const auto equal = static_cast<double>(end - begin);
    *tied += equal * equal * equal - equal;
    begin = end;
  }
  return ranks;
}

// The sum of the squares of the groups' rank sums: H grows with it, and it is whole, so that permutations
// that are as extreme are counted exactly.
std::uint64_t spread_of(const std::vector<std::uint64_t>& doubled, std::size_t each) {
  std::uint64_t spread = 0;
  for (std::size_t begin = 0; begin < doubled.size(); begin += each) {
    std::uint64_t sum = 0;
    for (std::size_t i = begin; i < begin + each; ++i) sum += doubled[i];
    spread += sum * sum;
  }
  return spread;
}

double slowest_mean(const Latencies& latencies) {
  const std::vector<std::int64_t>& sorted = latencies.answered_ns;
  const std::size_t count = std::max<std::size_t>(sorted.size() / 100, 1);
  double sum = 0;
  for (std::size_t i = sorted.size() - count; i < sorted.size(); ++i) sum += static_cast<double>(sorted[i]);
  return sum / static_cast<double>(count);
}

double figure_of(const PooledReplicate& replicate, const std::string& quantity) {
  if (quantity == variant_quantities[0]) return *figure(*replicate.replicate.latency_with_not_sent, "p50");
  return slowest_mean(replicate.statistics.latencies);
}

}  // namespace

RankTest rank_test(const std::vector<double>& figures, std::size_t each, std::uint64_t permutations,
                   std::uint64_t seed) {
  double tied = 0;
  std::vector<std::uint64_t> ranks = doubled_ranks(figures, &tied);
  const auto n = static_cast<double>(figures.size());
  const double correction = 1 - tied / (n * n * n - n);
  if (correction <= 0) return {};  // all are equal
  const std::uint64_t seen = spread_of(ranks, each);
  const double sum_of_squares = static_cast<double>(seen) / 4 / static_cast<double>(each);
  RankTest test;
  test.statistic = (12 / (n * (n + 1)) * sum_of_squares - 3 * (n + 1)) / correction;
  RandomDraws random(seed);
  std::uint64_t as_extreme = 0;
  for (std::uint64_t i = 0; i < permutations; ++i) {
    random.shuffle(&ranks);
    if (spread_of(ranks, each) >= seen) ++as_extreme;
  }
  test.p = static_cast<double>(as_extreme + 1) / static_cast<double>(permutations + 1);
  return test;
}

std::vector<VariantTest> test_variants(const ReplicatePool& pool, std::uint64_t permutations,
                                       std::uint64_t seed) {
  std::vector<VariantTest> tests;
  for (const PooledGroup& group : pool.groups) {
    for (const char* quantity : variant_quantities) {
      std::vector<double> figures;
      for (const PooledReplicate& replicate : group.replicates)
        figures.push_back(figure_of(replicate, quantity));
      const RankTest test = rank_test(figures, pool.replicates, permutations, seed);
      tests.push_back({group.kernel, group.load, quantity, test.statistic, test.p});
    }
  }
  return tests;
}

}  // namespace loopgate
