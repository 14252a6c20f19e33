#include "calibrate/plants.h"

#include <algorithm>
#include <cmath>
#include <iterator>
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

// As all stimuli wait longer, those that were not sent wait for one that is answered later.
void add_to_each(std::int64_t ns, ReplicateLatencies* latencies) {
  for (std::int64_t& each : latencies->sorted.answered_ns) each += ns;
  for (std::int64_t& each : latencies->sorted.not_sent_ns) each += ns;
  LatencyList& in_time = latencies->in_time.latency_ns;
  for (std::size_t i = 0; i < in_time.size(); ++i)
    if (in_time[i] != no_answer_ns) in_time.set(i, in_time[i] + ns);
}

// `added` gives how much longer an answered stimulus takes, or 0, and is asked in the order of time.
template <class Added>
void add_to_some(const Added& added, ReplicateLatencies* latencies) {
  std::vector<std::int64_t> before, after;
  Course& course = latencies->in_time;
  auto not_sent = course.not_sent.begin();
  for (std::size_t place = 0; place < course.latency_ns.size(); ++place) {
    const std::int64_t each = course.latency_ns[place];
    if (not_sent != course.not_sent.end() && *not_sent == place) {
      ++not_sent;
      continue;
    }
    const std::int64_t more = each == no_answer_ns ? 0 : added(each);
    if (more == 0) continue;
    before.push_back(each);
    course.latency_ns.set(place, each + more);
    after.push_back(each + more);
  }
  std::sort(before.begin(), before.end());  // a few
  std::sort(after.begin(), after.end());
  std::vector<std::int64_t>& sorted = latencies->sorted.answered_ns;
  std::vector<std::int64_t> same;
  same.reserve(sorted.size());
  std::ranges::set_difference(sorted, before, std::back_inserter(same));
  std::ranges::merge(same, after, sorted.begin());
}

// The slowest 2 % stay the slowest and in their order; of those that are equally slow, the first ones.
void lengthen_slowest(ReplicateLatencies* latencies) {
  const std::vector<std::int64_t>& sorted = latencies->sorted.answered_ns;
  if (sorted.empty()) return;
  const std::size_t slowest = (sorted.size() + 49) / 50;
  const std::int64_t least = sorted[sorted.size() - slowest];
  const auto above = sorted.end() - std::ranges::upper_bound(sorted, least);
  std::size_t equal = slowest - static_cast<std::size_t>(above);
  const auto added = [&](std::int64_t took_ns) -> std::int64_t {
    if (took_ns < least || (took_ns == least && equal == 0)) return 0;
    if (took_ns == least) --equal;
    return took_ns / 10;
  };
  add_to_some(added, latencies);
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

ReplicateLatencies planted(const PooledReplicate& replicate, std::size_t plant, std::int64_t added_ns,
                           RandomDraws* random) {
  ReplicateLatencies worse{replicate.statistics.latencies, *replicate.replicate.course};
  const auto with_chance = [&](std::uint64_t chance) {
    return [=](std::int64_t) { return random->next() < chance ? added_ns : 0; };
  };
  // From the moment at which the stimulus came: any of the window's.
  const auto rest_of_window = [&](std::int64_t) -> std::int64_t {
    if (random->next() >= of_window) return 0;
    return static_cast<std::int64_t>(random->below(static_cast<std::uint64_t>(added_ns))) + 1;
  };
  switch (plant) {
    case p50_up:
      add_to_each(added_ns, &worse);
      break;
    case slowest_up:
      lengthen_slowest(&worse);
      break;
    case delayed:
      add_to_some(with_chance(of_2_percent), &worse);
      break;
    case event:
      add_to_some(with_chance(of_1_in_2000), &worse);
      break;
    case interrupts_off:
      add_to_some(rest_of_window, &worse);
      break;
    default:
      break;
  }
  return worse;
}

}  // namespace loopgate
