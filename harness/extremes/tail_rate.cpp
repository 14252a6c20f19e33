#include "extremes/tail_rate.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <numeric>
#include <vector>

#include "base/text.h"
#include "base/units.h"
#include "extremes/gev.h"
#include "extremes/goodness.h"
#include "extremes/pareto.h"

namespace loopgate {
namespace {

// How many of the largest are tried as exceedances, but never more than a tenth of all: the limit is of what
// is far out.
constexpr std::array<std::size_t, 4> tried = {1'000, 500, 250, 100};
constexpr std::size_t tail_is_tenth = 10;
constexpr std::size_t least_peaks = 50;
constexpr std::size_t least_block = 100;
constexpr std::size_t most_blocks = 400;
constexpr std::size_t draws = 499;  // p to 0.002
constexpr std::uint64_t seed = 0x7a11;
// A clock with fewer steps in a scale makes a histogram of the tail, and a path of one length a peak in it.
constexpr double least_steps = 50;
constexpr double most_alike = 0.1;

struct FittedPeaks {
  Exceedances exceedances;
  ParetoFit fit;
  double p = 0;
};

FittedPeaks fit_peaks(const InOrder& replicates, std::int64_t threshold_ns) {
  FittedPeaks fitted;
  fitted.exceedances = exceedances_above(replicates, threshold_ns);
  const std::vector<double>& peaks = fitted.exceedances.peaks_ns;
  if (peaks.size() < least_peaks) return fitted;
  fitted.fit = fit_pareto(peaks);
  fitted.p = goodness_of(fitted.fit, peaks, draws, seed).p;
  return fitted;
}

// Of thresholds from low to high, the first after all that are rejected together: ForwardStop (G'Sell et al.
// 2016, J. R. Statist. Soc. B 78), as Bader, Yan & Zhang (2018, Annals of Applied Statistics 12) choose a
// threshold by. Taking the first that is not rejected by itself would find one in any sample. All of them:
// none is left.
std::size_t first_accepted(const std::vector<FittedPeaks>& fits) {
  std::size_t rejected = 0;
  double sum = 0;
  for (std::size_t i = 0; i < fits.size(); ++i) {
    sum -= std::log1p(-std::min(fits[i].p, 1 - 1e-9));
    if (sum / static_cast<double>(i + 1) <= tail_fit_level) rejected = i + 1;
  }
  return rejected;
}

// From the lowest threshold to the highest.
std::vector<FittedPeaks> fits_of(const InOrder& replicates, std::size_t stimuli) {
  const std::vector<std::int64_t> largest = largest_of(replicates, tried.front() + 1);
  std::vector<FittedPeaks> fits;
  for (const std::size_t most : tried) {
    if (most > stimuli / tail_is_tenth) continue;
    fits.push_back(fit_peaks(replicates, largest[largest.size() - 1 - most]));
    if (fits.back().exceedances.peaks_ns.size() < least_peaks) {
      fits.pop_back();
      break;
    }
  }
  return fits;
}

// The steps of the clock that the peaks were measured with: all are multiples of it, from the first one on.
double step_of(const std::vector<double>& peaks) {
  std::int64_t step = 0;
  for (const double peak : peaks)
    step = std::gcd(step, static_cast<std::int64_t>(peak) - static_cast<std::int64_t>(peaks.front()));
  return static_cast<double>(step);
}

std::size_t most_alike_of(std::vector<double> peaks) {
  std::sort(peaks.begin(), peaks.end());
  std::size_t most = 0;
  for (auto at = peaks.begin(); at != peaks.end();) {
    const auto end = std::upper_bound(at, peaks.end(), *at);
    most = std::max(most, static_cast<std::size_t>(end - at));
    at = end;
  }
  return most;
}

// Why the peaks are no sample of a smooth tail; empty where they may be.
std::string discrete_text(const std::vector<double>& peaks, double scale) {
  const double step = step_of(peaks);
  if (step == 0 || scale < least_steps * step)
    return fmt::format("the clock's steps of {} ns are too coarse for a tail that falls within {:.0f} ns",
                       with_thousands(static_cast<std::uint64_t>(step)), scale);
  const std::size_t alike = most_alike_of(peaks);
  if (static_cast<double>(alike) > most_alike * static_cast<double>(peaks.size()))
    return fmt::format("{} of the {} peaks have the same length: a path of the program, no tail", alike,
                       peaks.size());
  return {};
}

std::string peaks_text(const FittedPeaks& fitted) {
  return fmt::format("the {} peaks above {}", fitted.exceedances.peaks_ns.size(),
                     duration_text(fitted.exceedances.threshold_ns));
}

PeaksFit described(const FittedPeaks& fitted, double shape_upper) {
  return {fitted.exceedances.threshold_ns,
          fitted.exceedances.count,
          fitted.exceedances.peaks_ns.size(),
          fitted.fit.shape,
          shape_upper,
          fitted.fit.scale,
          fitted.p};
}

struct FittedBlocks {
  std::size_t size = 0;
  std::vector<double> maxima;
  GevFit fit;
  double p = 0;
};

FittedBlocks fit_blocks(const InOrder& replicates, std::size_t stimuli) {
  FittedBlocks fitted;
  // A replicate that is shorter than a block would be left out whole.
  const auto shortest =
      std::ranges::min_element(replicates, {}, [](const auto& each) { return each.size(); });
  fitted.size = std::max(least_block, std::min(stimuli / most_blocks, shortest->size()));
  fitted.maxima = block_maxima(replicates, fitted.size);
  if (fitted.maxima.size() < least_peaks) return fitted;
  const auto [least, most] = std::minmax_element(fitted.maxima.begin(), fitted.maxima.end());
  if (*least == *most) return fitted;
  fitted.fit = fit_gev(fitted.maxima);
  fitted.p = goodness_of(fitted.fit, fitted.maxima, draws, seed + 1).p;
  return fitted;
}

BlocksFit described(const FittedBlocks& fitted) {
  return {fitted.size,      fitted.maxima.size(), fitted.fit.location,
          fitted.fit.scale, fitted.fit.shape,     fitted.p};
}

Bounded times(const Bounded& bounded, double factor) {
  return {bounded.estimate * factor, bounded.lower * factor, bounded.upper * factor};
}

TailRate refuse(TailRate rate, std::string why) {
  rate.refused = std::move(why);
  return rate;
}

std::size_t count_of(const InOrder& replicates) {
  std::size_t count = 0;
  for (const auto& each : replicates) count += each.size();
  return count;
}

// Both fits' bounds together, where they do not contradict each other.
TailRate combine(TailRate rate, const Bounded& by_peaks, const Bounded& by_blocks) {
  if (by_peaks.lower > by_blocks.upper || by_blocks.lower > by_peaks.upper)
    return refuse(std::move(rate), "peaks over a threshold and maxima of blocks contradict each other");
  rate.stimuli = {by_peaks.estimate, std::min(by_peaks.lower, by_blocks.lower),
                  std::max(by_peaks.upper, by_blocks.upper)};
  return rate;
}

}  // namespace

TailRate tail_rate(const InOrder& replicates, const TailQuestion& question, double most) {
  TailRate rate;
  const std::size_t stimuli = count_of(replicates);
  if (stimuli < least_stimuli_of_tail)
    return refuse(rate, fmt::format("a tail takes {} stimuli", with_thousands(least_stimuli_of_tail)));
  if (most * furthest_tail < 1)
    return refuse(
        rate,
        fmt::format("one event in {} times the time measured is too far out, and {} times is the furthest",
                    with_thousands(static_cast<std::uint64_t>(std::llround(std::min(1 / most, 1e15)))),
                    with_thousands(static_cast<std::uint64_t>(furthest_tail))));
  const std::vector<FittedPeaks> fits = fits_of(replicates, stimuli);
  if (fits.empty())
    return refuse(rate, fmt::format("fewer than {} separate events make up its slowest tenth", least_peaks));
  const std::size_t accepted = first_accepted(fits);
  const FittedPeaks& peaks = fits[std::min(accepted, fits.size() - 1)];
  const std::vector<double>& peaks_ns = peaks.exceedances.peaks_ns;
  const BoundsAt at{question.confidence_of_lower, question.confidence_of_upper,
                    dispersion_of(peaks.exceedances.peaks_of_replicate)};
  const Bounded shape = pareto_shape(peaks_ns, peaks.fit, {0.95, 0.95, at.dispersion});
  rate.peaks = described(peaks, shape.upper);
  if (const std::string discrete = discrete_text(peaks_ns, peaks.fit.scale); !discrete.empty())
    return refuse(rate, discrete);
  if (accepted == fits.size())
    return refuse(
        rate, fmt::format(
                  "{}, as all above lower thresholds, follow no generalized Pareto distribution (p = {:.2g})",
                  peaks_text(peaks), peaks.p));
  if (shape.upper < 0)
    return refuse(rate, fmt::format("{} run into an end (shape {:.2g}, at most {:.2g}): they show the "
                                    "longest path seen, not the longest there is",
                                    peaks_text(peaks), shape.estimate, shape.upper));
  if (question.over_ns <= peaks.exceedances.threshold_ns)
    return refuse(rate,
                  fmt::format("{} lies below the tail, which begins at {}", limit_text(question.over_ns),
                              duration_text(peaks.exceedances.threshold_ns)));
  const FittedBlocks blocks = fit_blocks(replicates, stimuli);
  if (blocks.maxima.size() < least_peaks)
    return refuse(rate, fmt::format("there are {} whole blocks of {} stimuli, and {} are needed",
                                    blocks.maxima.size(), with_thousands(blocks.size), least_peaks));
  rate.blocks = described(blocks);
  if (blocks.p < tail_fit_level)
    return refuse(rate, fmt::format("the maxima of {} blocks of {} stimuli follow no generalized extreme "
                                    "value distribution (p = {:.2g})",
                                    blocks.maxima.size(), with_thousands(blocks.size), blocks.p));
  const auto over = static_cast<double>(question.over_ns);
  const double beyond = over - static_cast<double>(peaks.exceedances.threshold_ns);
  const double in_cluster = peaks.exceedances.mean_cluster();
  // The blocks are whole, and what is left over at the replicates' ends has events, too.
  const double left_out =
      static_cast<double>(stimuli) / static_cast<double>(blocks.maxima.size() * blocks.size);
  return combine(rate, times(pareto_events(peaks_ns, peaks.fit, beyond, at), in_cluster),
                 times(gev_events_in_all(blocks.maxima, blocks.fit, over, at), in_cluster * left_out));
}

}  // namespace loopgate
