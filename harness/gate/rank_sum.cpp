#include "gate/rank_sum.h"

#include <algorithm>
#include <boost/math/distributions/normal.hpp>
#include <cmath>

namespace loopgate {
namespace {

constexpr std::uint64_t most_exact =
    50;  // replicates of each; beyond it the normal approximation is closer than 1 in 10^4

// P(U = u) for m and n replicates whose order is all chance, by the larger of all of them: it is one of the m
// with a probability of m / (m + n), and is then above all n (Mann & Whitney 1947, eq. 1). All terms are
// positive, so nothing cancels.
class RankSums {
 public:
  explicit RankSums(std::uint64_t n_max) : n_max_(n_max), row_(n_max + 1) {
    for (auto& distribution : row_) distribution = {1.0};
  }

  // From m - 1 to m, for every n.
  void next_row() {
    ++m_;
    std::vector<std::vector<double>> next(n_max_ + 1);
    next[0] = {1.0};
    for (std::uint64_t n = 1; n <= n_max_; ++n) {
      const auto all = static_cast<double>(m_ + n);
      std::vector<double>& to = next[n];
      to.assign(m_ * n + 1, 0.0);
      for (std::size_t u = 0; u < row_[n].size(); ++u)
        to[u + n] += row_[n][u] * static_cast<double>(m_) / all;
      for (std::size_t u = 0; u < next[n - 1].size(); ++u)
        to[u] += next[n - 1][u] * static_cast<double>(n) / all;
    }
    row_ = std::move(next);
  }

  std::uint64_t m() const { return m_; }
  const std::vector<double>& of(std::uint64_t n) const { return row_[n]; }

 private:
  std::uint64_t n_max_;
  std::uint64_t m_ = 0;
  std::vector<std::vector<double>> row_;
};

// Of n and n replicates, for n up to most_exact: worked out once, since replicates_to_decide_ratio() goes
// through all of them, and a calibration asks it thousands of times.
const std::vector<double>& rank_sums_of_equal(std::uint64_t n) {
  static const std::vector<std::vector<double>> all = [] {
    std::vector<std::vector<double>> distributions = {{1.0}};
    RankSums sums(most_exact);
    while (sums.m() < most_exact) {
      sums.next_row();
      distributions.push_back(sums.of(sums.m()));
    }
    return distributions;
  }();
  return all[n];
}

// The largest c with P(U <= c - 1) <= tail: so many ratios may lie outside. 0: not even the least extreme
// order is rare enough.
std::optional<std::uint64_t> largest_rare(const std::vector<double>& distribution, double tail) {
  double below = 0;
  std::uint64_t c = 0;
  for (const double probability : distribution) {
    below += probability;
    if (below > tail * (1 + 1e-12)) break;
    ++c;
  }
  if (c == 0) return std::nullopt;
  return c - 1;
}

std::optional<std::uint64_t> approximated(std::uint64_t m, std::uint64_t n, double tail) {
  const auto a = static_cast<double>(m);
  const auto b = static_cast<double>(n);
  const double z = boost::math::quantile(boost::math::normal(), 1 - tail);
  const double c = std::floor(a * b / 2 - z * std::sqrt(a * b * (a + b + 1) / 12) - 0.5);
  if (c < 0) return std::nullopt;
  return static_cast<std::uint64_t>(c);
}

std::vector<double> ratios_of(const std::vector<double>& figures, const std::vector<double>& reference) {
  std::vector<double> ratios;
  ratios.reserve(figures.size() * reference.size());
  for (const double figure : figures)
    for (const double other : reference) ratios.push_back(figure / other);
  std::sort(ratios.begin(), ratios.end());
  return ratios;
}

}  // namespace

std::optional<std::uint64_t> ratios_outside(std::uint64_t m, std::uint64_t n, double confidence) {
  if (m == 0 || n == 0) return std::nullopt;
  const double tail = (1 - confidence) / 2;
  if (m > most_exact || n > most_exact) return approximated(m, n, tail);
  if (m == n) return largest_rare(rank_sums_of_equal(n), tail);
  RankSums sums(n);
  while (sums.m() < m) sums.next_row();
  return largest_rare(sums.of(n), tail);
}

std::optional<RatioInterval> ratio_interval(const std::vector<double>& figures,
                                            const std::vector<double>& reference, double confidence) {
  const auto outside = ratios_outside(figures.size(), reference.size(), confidence);
  if (!outside) return std::nullopt;
  const std::vector<double> ratios = ratios_of(figures, reference);
  const std::size_t middle = ratios.size() / 2;
  const double median = ratios.size() % 2 == 1 ? ratios[middle] : (ratios[middle - 1] + ratios[middle]) / 2;
  return RatioInterval{median, ratios[*outside], ratios[ratios.size() - 1 - *outside]};
}

std::uint64_t replicates_to_compare(double confidence) {
  const double tail = (1 - confidence) / 2;
  double rarest = 1;  // 1 / C(2n, n)
  std::uint64_t n = 0;
  while (rarest > tail * (1 + 1e-12)) {
    ++n;
    rarest *= static_cast<double>(n) / (2 * (2 * static_cast<double>(n) - 1));
  }
  return n;
}

std::optional<std::uint64_t> replicates_to_decide_ratio(const std::vector<double>& figures,
                                                        const std::vector<double>& reference, double limit,
                                                        double confidence) {
  const std::vector<double> ratios = ratios_of(figures, reference);
  const auto within = std::upper_bound(ratios.begin(), ratios.end(), limit) - ratios.begin();
  const double share_within = static_cast<double>(within) / static_cast<double>(ratios.size());
  const double wrong_side = std::min(share_within, 1 - share_within);
  for (std::uint64_t n = std::min(figures.size(), reference.size()) + 1; n <= most_exact; ++n) {
    const auto outside = largest_rare(rank_sums_of_equal(n), (1 - confidence) / 2);
    const double pairs = static_cast<double>(n) * static_cast<double>(n);
    if (outside && std::ceil(wrong_side * pairs - 1e-9) <= static_cast<double>(*outside)) return n;
  }
  return std::nullopt;
}

}  // namespace loopgate
