#include "analysis/intervals.h"

#include <algorithm>

namespace loopgate {

Intervals::Intervals(std::vector<Interval> all) {
  std::ranges::sort(all, {}, &Interval::begin_ns);
  for (const Interval& each : all) {
    if (each.length_ns() <= 0) continue;
    if (!all_.empty() && each.begin_ns < all_.back().end_ns) {
      all_.back().end_ns = std::max(all_.back().end_ns, each.end_ns);
    } else {
      all_.push_back(each);
    }
  }
  std::int64_t sum_ns = 0;
  for (const Interval& each : all_) {
    sum_ns_.push_back(sum_ns);
    sum_ns += each.length_ns();
  }
}

const Interval* Intervals::at(std::int64_t moment_ns) const {
  const auto behind = std::ranges::upper_bound(all_, moment_ns, {}, &Interval::begin_ns);
  if (behind == all_.begin() || std::prev(behind)->end_ns <= moment_ns) return nullptr;
  return &*std::prev(behind);
}

std::int64_t Intervals::before(std::int64_t moment_ns) const {
  const auto behind = std::ranges::upper_bound(all_, moment_ns, {}, &Interval::begin_ns);
  if (behind == all_.begin()) return 0;
  const auto number = static_cast<std::size_t>(behind - all_.begin()) - 1;
  return sum_ns_[number] + std::min(moment_ns, all_[number].end_ns) - all_[number].begin_ns;
}

std::int64_t Intervals::within(std::int64_t begin_ns, std::int64_t end_ns) const {
  return end_ns <= begin_ns ? 0 : before(end_ns) - before(begin_ns);
}

// A stretch can be moved until it begins with one of them, or ends with one, without losing any of what it
// has.
std::int64_t Intervals::most_within(std::int64_t length_ns) const {
  std::int64_t most_ns = 0;
  for (const Interval& each : all_)
    most_ns = std::max({most_ns, within(each.begin_ns, each.begin_ns + length_ns),
                        within(each.end_ns - length_ns, each.end_ns)});
  return most_ns;
}

Intervals united(const Intervals& one, const Intervals& other) {
  std::vector<Interval> all = one.all();
  all.insert(all.end(), other.all().begin(), other.all().end());
  return Intervals(std::move(all));
}

Intervals without(const Intervals& one, const Intervals& other) {
  std::vector<Interval> left;
  auto next = other.all().begin();
  for (const Interval& each : one.all()) {
    std::int64_t begin_ns = each.begin_ns;
    while (next != other.all().end() && next->end_ns <= begin_ns) ++next;
    for (auto hole = next; hole != other.all().end() && hole->begin_ns < each.end_ns; ++hole) {
      left.push_back({begin_ns, std::min(hole->begin_ns, each.end_ns)});
      begin_ns = std::max(begin_ns, hole->end_ns);
    }
    left.push_back({begin_ns, each.end_ns});
  }
  return Intervals(std::move(left));
}

}  // namespace loopgate
