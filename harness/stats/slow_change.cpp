#include "stats/slow_change.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <numeric>
#include <utility>

#include "base/split_mix.h"

namespace loopgate {
namespace {

constexpr int orders = 19'999;     // with the one that was seen, 20,000
constexpr int orders_beyond = 10;  // so many as extreme as what was seen: p is at least 0.0005
constexpr std::size_t slow_terms = 2;
constexpr std::uint64_t seed = 0x10095a7e;

Series centred(Series values) {
  const double mean = mean_of(values);
  for (double& value : values) value -= mean;
  return values;
}

// The slow terms of n figures, each of length 1.
std::array<Series, slow_terms> slow_waves(std::size_t n) {
  std::array<Series, slow_terms> waves;
  for (std::size_t term = 0; term < slow_terms; ++term) {
    for (std::size_t i = 0; i < n; ++i)
      waves[term].push_back(std::sqrt(2.0 / static_cast<double>(n)) *
                            std::cos(std::numbers::pi * static_cast<double>(term + 1) *
                                     (static_cast<double>(i) + 0.5) / static_cast<double>(n)));
  }
  return waves;
}

double power(const Series& values) {
  return std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
}

double slow_power(const Series& values, const std::array<Series, slow_terms>& waves) {
  double sum = 0;
  for (const Series& wave : waves) {
    const double amount = std::inner_product(values.begin(), values.end(), wave.begin(), 0.0);
    sum += amount * amount;
  }
  return sum;
}

// How many times as strong a slow term is as a fast one. `all`: the power of all n - 1 terms.
double ratio_of(double slow, double all, std::size_t n) {
  const auto fast_terms = static_cast<double>(n - 1 - slow_terms);
  const double fast = std::max(all - slow, 1e-12 * all);
  return (slow / static_cast<double>(slow_terms)) / (fast / fast_terms);
}

// What is left of each replicate without what all replicates share, or, of fewer than three, without the slow
// terms.
std::vector<Series> residuals_of(const BlockFigures& figures, const std::array<Series, slow_terms>& waves) {
  std::vector<Series> residuals;
  for (const Series& replicate : figures.of_replicates) {
    Series rest = replicate;
    if (figures.of_replicates.size() >= 3) {
      for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= figures.mean[i];
      rest = centred(std::move(rest));
    } else {
      rest = centred(std::move(rest));
      for (const Series& wave : waves) {
        const double amount = std::inner_product(rest.begin(), rest.end(), wave.begin(), 0.0);
        for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= amount * wave[i];
      }
    }
    residuals.push_back(std::move(rest));
  }
  return residuals;
}

// By how much neighbours that are alike raise the slow terms of a series without any drift.
double raised_by(const BlockFigures& figures, const std::array<Series, slow_terms>& waves) {
  double neighbours = 0;
  double all = 0;
  for (const Series& rest : residuals_of(figures, waves)) {
    for (std::size_t i = 1; i < rest.size(); ++i) neighbours += rest[i] * rest[i - 1];
    all += power(rest);
  }
  if (all <= 0) return 1;
  // Taking off the mean, and the slow terms, makes neighbours look less alike than they are. A sudden step
  // makes those of a single replicate look more alike.
  const bool many = figures.of_replicates.size() >= 3;
  const double taken_off = (many ? 1.0 : 1.0 + slow_terms) / static_cast<double>(figures.mean.size());
  const double r = std::clamp(neighbours / all + taken_off, 0.0, many ? 0.9 : 1.0 / 3);
  return (1 + r) / (1 - r);
}

void shuffle(Series* values, std::uint64_t* state) {
  for (std::size_t i = values->size() - 1; i > 0; --i) {
    *state = split_mix(*state);
    std::swap((*values)[i], (*values)[(*state >> 32U) * (i + 1) >> 32U]);
  }
}

}  // namespace

double mean_of(const Series& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

std::optional<double> shared_by_replicates(const BlockFigures& figures) {
  const auto replicates = static_cast<double>(figures.of_replicates.size());
  if (replicates < 3) return std::nullopt;
  double left = 0;
  for (const Series& rest : residuals_of(figures, {})) left += power(rest);
  if (left <= 0) return std::nullopt;
  return replicates * power(centred(figures.mean)) * (replicates - 1) / left;
}

double p_of_slow_change(const BlockFigures& figures) {
  Series values = centred(figures.mean);
  const std::size_t n = values.size();
  const auto waves = slow_waves(n);
  const double all = power(values);
  if (all <= 0) return 1;
  const double seen = ratio_of(slow_power(values, waves), all, n) / raised_by(figures, waves) * (1 - 1e-9);
  std::uint64_t state = seed;
  int beyond = 0;
  for (int order = 1; order <= orders; ++order) {
    shuffle(&values, &state);
    if (ratio_of(slow_power(values, waves), all, n) >= seen) ++beyond;
    if (beyond == orders_beyond) return static_cast<double>(beyond) / order;
  }
  return static_cast<double>(beyond + 1) / (orders + 1);
}

}  // namespace loopgate
