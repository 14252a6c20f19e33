// The minimum of a smooth function of a few variables, without derivatives: the simplex of Nelder & Mead
// (1965, Computer Journal 7), with the coefficients of Lagarias et al. (1998, SIAM J. Optim. 9). Boost 1.74
// has none of more than one variable.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace loopgate {

template <std::size_t N>
struct Minimum {
  std::array<double, N> at{};
  double value = 0;
};

inline constexpr int most_steps_of_simplex = 600;  // 60 to 150 were seen
inline constexpr double simplex_tolerance = 1e-7;  // of log-likelihoods, whose bounds lie 1.35 apart

// `function` may give infinity where it has no value. `step`: how far the other corners are from `start`.
template <std::size_t N, class Function>
Minimum<N> minimize(const Function& function, const std::array<double, N>& start,
                    const std::array<double, N>& step) {
  using Point = std::array<double, N>;
  std::array<Minimum<N>, N + 1> corners;
  for (std::size_t i = 0; i <= N; ++i) {
    corners[i].at = start;
    if (i > 0) corners[i].at[i - 1] += step[i - 1];
    corners[i].value = function(corners[i].at);
  }
  const auto by_value = [](const Minimum<N>& a, const Minimum<N>& b) { return a.value < b.value; };
  const auto along = [](const Point& from, const Point& to, double factor) {
    Point point;
    for (std::size_t i = 0; i < N; ++i) point[i] = from[i] + factor * (to[i] - from[i]);
    return point;
  };
  for (int steps = 0; steps < most_steps_of_simplex; ++steps) {
    std::sort(corners.begin(), corners.end(), by_value);
    Minimum<N>& worst = corners.back();
    if (worst.value - corners.front().value < simplex_tolerance) break;
    Point centre{};
    for (std::size_t i = 0; i < N; ++i)
      for (std::size_t corner = 0; corner < N; ++corner)
        centre[i] += corners[corner].at[i] / static_cast<double>(N);
    const auto tried = [&](double factor) {
      const Point at = along(centre, worst.at, factor);
      return Minimum<N>{at, function(at)};
    };
    Minimum<N> next = tried(-1);
    if (next.value < corners.front().value) {
      const Minimum<N> further = tried(-2);
      worst = by_value(further, next) ? further : next;
      continue;
    }
    if (next.value < corners[N - 1].value) {
      worst = next;
      continue;
    }
    next = tried(next.value < worst.value ? -0.5 : 0.5);
    if (next.value < worst.value) {
      worst = next;
      continue;
    }
    for (std::size_t i = 1; i <= N; ++i) {
      corners[i].at = along(corners[0].at, corners[i].at, 0.5);
      corners[i].value = function(corners[i].at);
    }
  }
  return *std::min_element(corners.begin(), corners.end(), by_value);
}

}  // namespace loopgate
