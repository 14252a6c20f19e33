#include "calibrate/plants.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace loopgate {
namespace {

enum Plant : std::size_t { p50_up, slowest_up, delayed, event, interrupts_off };

constexpr std::int64_t event_ns = 150'000;
constexpr std::int64_t window_ns = 50'000;
constexpr std::int64_t window_every_ns = 10'000'000;

// With that many of 2^64 numbers below it, a draw is rarer than the fraction by less than 1 in 2^32.
constexpr std::uint64_t chance(std::uint64_t of, std::uint64_t in) {
  return std::numeric_limits<std::uint64_t>::max() / in * of;
}

constexpr std::uint64_t of_2_percent = chance(1, 50);
constexpr std::uint64_t of_1_in_2000 = chance(1, 2'000);
constexpr std::uint64_t of_window = chance(window_ns, window_every_ns);

// By how much a random 2 % must be delayed so that p99 becomes 10 % larger: the share above the new p99 T is
// 0.98 P(X > T) + 0.02 P(X > T - d) = 0.01.
std::int64_t delay_for_p99(const std::vector<std::int64_t>& sorted_ns, std::int64_t p99_ns) {
  const std::int64_t wanted_ns = p99_ns + p99_ns / 10;
  const auto above = sorted_ns.end() - std::upper_bound(sorted_ns.begin(), sorted_ns.end(), wanted_ns);
  const auto count = static_cast<double>(sorted_ns.size());
  const double share = (0.01 - 0.98 * static_cast<double>(above) / count) / 0.02;
  const auto rank = static_cast<std::size_t>(std::ceil((1 - share) * count));
  const std::size_t place = std::clamp<std::size_t>(rank, 1, sorted_ns.size()) - 1;
  return std::max<std::int64_t>(wanted_ns - sorted_ns[place], 1);
}

void add_to_each(std::int64_t ns, std::vector<std::int64_t>* latencies) {
  for (std::int64_t& each : *latencies) each += ns;
}

// The slowest 2 % stay the slowest and in their order.
void lengthen_slowest(std::vector<std::int64_t>* latencies) {
  const std::size_t slowest = (latencies->size() + 49) / 50;
  for (std::size_t i = latencies->size() - slowest; i < latencies->size(); ++i)
    (*latencies)[i] += (*latencies)[i] / 10;
}

// Adds to stimuli that are drawn with a chance, each by itself. `added` gives how much.
template <class Added>
void add_to_some(std::uint64_t chance, const Added& added, RandomDraws* random,
                 std::vector<std::int64_t>* latencies) {
  std::vector<std::int64_t> same, changed;
  same.reserve(latencies->size());
  for (const std::int64_t each : *latencies) {
    if (random->next() < chance) {
      changed.push_back(each + added());
    } else {
      same.push_back(each);
    }
  }
  std::sort(changed.begin(), changed.end());  // a few
  std::merge(same.begin(), same.end(), changed.begin(), changed.end(), latencies->begin());
}

}  // namespace

std::array<std::int64_t, plant_count> added_by_plants(const PooledGroup& group) {
  const auto quantile_ns = [&](const char* key) {
    return static_cast<std::int64_t>(*figure(group.figures, key));
  };
  std::array<std::int64_t, plant_count> added{};
  added[p50_up] = std::max<std::int64_t>((quantile_ns("p50") + 25) / 50, 1);
  added[slowest_up] = quantile_ns("max") / 10;
  added[delayed] = delay_for_p99(group.sorted_ns, quantile_ns("p99"));
  added[event] = event_ns;
  added[interrupts_off] = window_ns;
  return added;
}

Latencies planted(const Latencies& latencies, std::size_t plant, std::int64_t added_ns, RandomDraws* random) {
  Latencies worse = latencies;
  std::vector<std::int64_t>* answered = &worse.answered_ns;
  const auto constant = [&] { return added_ns; };
  // From the moment at which the stimulus came: any of the window's.
  const auto rest_of_window = [&] {
    return static_cast<std::int64_t>(random->below(static_cast<std::uint64_t>(added_ns))) + 1;
  };
  switch (plant) {
    case p50_up:
      add_to_each(added_ns, answered);
      add_to_each(added_ns, &worse.not_sent_ns);  // they wait for one that is answered later
      break;
    case slowest_up:
      lengthen_slowest(answered);
      break;
    case delayed:
      add_to_some(of_2_percent, constant, random, answered);
      break;
    case event:
      add_to_some(of_1_in_2000, constant, random, answered);
      break;
    case interrupts_off:
      add_to_some(of_window, rest_of_window, random, answered);
      break;
    default:
      break;
  }
  return worse;
}

}  // namespace loopgate
