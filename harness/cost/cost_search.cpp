#include "cost/cost_search.h"

#include <algorithm>
#include <list>
#include <set>

namespace loopgate {
namespace {

// A part of more differences than this is tried at so many places, evenly spread.
constexpr std::size_t most_places = 15;
// Of kernels that do not build or boot, each of which may take as long as one that does.
constexpr int most_failures = 3;

struct Part {
  std::vector<std::size_t> order;
  std::size_t before = 0;
  std::size_t after = 0;
  bool inseparable = false;
};

ChangeSet ascending(std::vector<std::size_t> changes) {
  std::ranges::sort(changes);
  return changes;
}

// How many differences may go in first, the half before the rest.
std::vector<std::size_t> places_in(std::size_t count) {
  const std::size_t tried = std::min(count - 1, most_places);
  std::vector<std::size_t> places;
  for (std::size_t i = 1; i <= tried; ++i) places.push_back(i * count / (tried + 1));
  const auto off_half = [&](std::size_t place) {
    return place * 2 > count ? place * 2 - count : count - place * 2;
  };
  std::ranges::stable_sort(places, {}, off_half);
  return places;
}

// What may go in first of a part. Where those that come first do not go in alone, those that follow may.
std::vector<ChangeSet> halves_of(const std::vector<std::size_t>& order) {
  std::vector<ChangeSet> halves;
  for (const std::size_t place : places_in(order.size())) {
    const auto middle = order.begin() + static_cast<std::ptrdiff_t>(place);
    halves.push_back(ascending({order.begin(), middle}));
    halves.push_back(ascending({middle, order.end()}));
  }
  return halves;
}

class Division {
 public:
  Division(Part whole, const ChangeSet& base, const CostQuestions& questions)
      : questions_(questions), base_(base) {
    parts_.push_back(std::move(whole));
  }

  Status run() {
    while (questions_.may_go_on()) {
      const auto part = most_worth();
      if (part == parts_.end()) return {};
      TRY_STATUS(divide(part));
    }
    return {};
  }

  std::vector<CostPart> parts() const {
    std::vector<CostPart> found;
    for (const Part& part : parts_)
      found.push_back({ascending(part.order), part.before, part.after, reason_of(part)});
    return found;
  }

 private:
  using Place = std::list<Part>::iterator;

  double worth(const Part& part) const { return questions_.apart(part.before, part.after); }

  NotDivided reason_of(const Part& part) const {
    if (part.order.size() == 1) return NotDivided::no;
    if (part.inseparable) return NotDivided::inseparable;
    return worth(part) > 0 ? NotDivided::stopped : NotDivided::not_worth;
  }

  Place most_worth() {
    Place found = parts_.end();
    double most = 0;
    for (auto part = parts_.begin(); part != parts_.end(); ++part) {
      if (part->order.size() < 2 || part->inseparable || worth(*part) <= most) continue;
      most = worth(*part);
      found = part;
    }
    return found;
  }

  ChangeSet all_before(Place part) const {
    std::vector<std::size_t> changes = base_;
    for (auto each = parts_.cbegin(); each != std::list<Part>::const_iterator(part); ++each)
      changes.insert(changes.end(), each->order.begin(), each->order.end());
    return ascending(std::move(changes));
  }

  Status divide(Place part) {
    const ChangeSet with = all_before(part);
    std::set<ChangeSet> tried;
    int failures = 0;
    for (const ChangeSet& half : halves_of(part->order)) {
      TRY(first, questions_.taken(with, half));
      if (first.empty() || !tried.insert(first).second) continue;
      ChangeSet changes;
      std::ranges::set_union(with, first, std::back_inserter(changes));
      TRY(measured, questions_.measure(changes));
      if (measured) {
        split(part, first, *measured);
        return {};
      }
      if (++failures == most_failures || !questions_.may_go_on()) break;
    }
    part->inseparable = questions_.may_go_on();
    return {};
  }

  void split(Place part, const ChangeSet& first, std::size_t measured) {
    Part earlier{{}, part->before, measured};
    Part later{{}, measured, part->after};
    for (const std::size_t change : part->order)
      (std::ranges::binary_search(first, change) ? earlier : later).order.push_back(change);
    parts_.insert(part, std::move(earlier));
    *part = std::move(later);
  }

  const CostQuestions& questions_;
  const ChangeSet& base_;
  std::list<Part> parts_;
};

}  // namespace

Result<std::vector<CostPart>> find_costs(const std::vector<std::size_t>& order, std::size_t from,
                                         std::size_t to, const CostQuestions& questions,
                                         const ChangeSet& base) {
  if (order.empty()) return std::vector<CostPart>();
  Division division({order, from, to}, base, questions);
  TRY_STATUS(division.run());
  return division.parts();
}

}  // namespace loopgate
