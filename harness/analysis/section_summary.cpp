#include "analysis/section_summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <tuple>

#include "analysis/section_places.h"

namespace loopgate {
namespace {

constexpr std::size_t longest_told = 10;
constexpr double steps_a_decade = 20;

using Lengths = std::vector<std::int64_t>;  // ascending

// The smallest that at least the share of all do not exceed.
std::int64_t nearest_rank(const Lengths& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return sorted[std::clamp<std::size_t>(rank, 1, sorted.size()) - 1];
}

std::vector<std::pair<std::int64_t, std::uint64_t>> exceedance_of(const Lengths& sorted) {
  std::vector<std::pair<std::int64_t, std::uint64_t>> points;
  const auto add = [&](std::int64_t ns) {
    const auto from = std::ranges::lower_bound(sorted, ns);
    if (points.empty() || points.back().first < ns)
      points.push_back({ns, static_cast<std::uint64_t>(sorted.end() - from)});
  };
  if (sorted.empty()) return points;
  for (int step = 0;; ++step) {
    const auto ns = static_cast<std::int64_t>(std::llround(std::pow(10.0, step / steps_a_decade)));
    if (ns >= sorted.back()) break;
    if (ns > sorted.front()) add(ns);
  }
  add(sorted.back());
  return points;
}

class Summing {
 public:
  Summing(const RecordedSections& sections, Symbols* symbols) : sections_(sections) {
    for (const SectionPlaces& places : sections.places) names_.push_back(place_names(places, symbols));
    for (const SectionChain& chain : sections.chains) {
      auto& functions = chains_[chain.window];
      for (std::uint64_t i = 0; i < chain.count; ++i)
        functions.push_back(function_name(chain.addresses[i] - 1, symbols));
    }
  }

  KindOfSection of(SectionKind kind, std::optional<std::uint32_t> cpu) const {
    KindOfSection sum;
    sum.kind = kind;
    sum.cpu = cpu;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < sections_.windows.size(); ++i) {
      const SectionRecord& window = sections_.windows[i];
      if (sections_.kind_of(window) == kind && (!cpu || window.cpu == *cpu)) numbers.push_back(i);
    }
    sum.count = numbers.size();
    sum.holders = holders(numbers);
    sum.longest = longest(&numbers);
    Lengths lengths;
    for (const std::size_t number : numbers) lengths.push_back(sections_.windows[number].length_ns);
    std::ranges::sort(lengths);
    for (const std::int64_t ns : lengths) sum.total_ns += ns;
    sum.p50_ns = nearest_rank(lengths, 0.5);
    sum.p99_ns = nearest_rank(lengths, 0.99);
    sum.p99_9_ns = nearest_rank(lengths, 0.999);
    sum.max_ns = lengths.empty() ? 0 : lengths.back();
    sum.exceedance = exceedance_of(lengths);
    return sum;
  }

 private:
  // By falling length, then by begin.
  std::vector<LongSection> longest(std::vector<std::size_t>* numbers) const {
    const auto& windows = sections_.windows;
    const std::size_t told = std::min(longest_told, numbers->size());
    std::ranges::partial_sort(*numbers, numbers->begin() + static_cast<std::ptrdiff_t>(told),
                              [&](std::size_t one, std::size_t two) {
                                return std::tuple(windows[two].length_ns, windows[one].begin_ns, one) <
                                       std::tuple(windows[one].length_ns, windows[two].begin_ns, two);
                              });
    std::vector<LongSection> longest;
    for (std::size_t i = 0; i < told; ++i) {
      const std::size_t number = (*numbers)[i];
      const SectionRecord& window = windows[number];
      const auto& [opened, closed] = names_[window.places];
      const SectionTask& task = sections_.tasks[window.task];
      const auto chain = chains_.find(number);
      longest.push_back({window.begin_ns, window.length_ns, opened, closed, task_name(task), task.pid,
                         chain == chains_.end() ? std::vector<std::string>() : chain->second, "", 0});
      if (sections_.kind_of(window) != SectionKind::lock_wait) continue;
      const SectionTask& holder = sections_.holder_of(number);
      longest.back().holder = holder.name;
      longest.back().holder_pid = holder.pid;
    }
    return longest;
  }

  std::vector<SectionHolder> holders(const std::vector<std::size_t>& numbers) const {
    std::map<std::array<std::string, 4>, SectionHolder> by_name;
    std::vector<SectionHolder*> of_places(names_.size());  // looked up once each
    for (const std::size_t number : numbers) {
      const SectionRecord& window = sections_.windows[number];
      SectionHolder*& holder = of_places[window.places];
      if (holder == nullptr) {
        const auto& [opened, closed] = names_[window.places];
        holder = &by_name[{opened.function, opened.through, closed.function, closed.through}];
        holder->opened = opened;
        holder->closed = closed;
      }
      ++holder->count;
      holder->total_ns += window.length_ns;
      holder->max_ns = std::max<std::int64_t>(holder->max_ns, window.length_ns);
    }
    std::vector<SectionHolder> holders;
    for (auto& [name, holder] : by_name) holders.push_back(std::move(holder));
    std::ranges::stable_sort(holders, std::ranges::greater(), &SectionHolder::total_ns);
    return holders;
  }

  const RecordedSections& sections_;
  std::vector<std::pair<PlaceName, PlaceName>> names_;        // of the places, opened and closed
  std::map<std::uint64_t, std::vector<std::string>> chains_;  // by their window's number
};

}  // namespace

std::string task_name(const SectionTask& task) { return task.pid == 0 ? "idle task" : task.name; }

const char* name_of(SectionKind kind) {
  switch (kind) {
    case SectionKind::interrupts_off:
      return "interrupts off";
    case SectionKind::preemption_off:
      return "preemption off";
    case SectionKind::softirqs_off:
      return "softirqs off";
    case SectionKind::interrupt_handler:
      return "interrupt handler";
    case SectionKind::lock_wait:
      return "lock wait";
    case SectionKind::lock_holder:
      return "lock holder";
    case SectionKind::lock_held:
      return "lock held";
    case SectionKind::real_time_task:
      return "real-time task";
  }
  return "";
}

std::string name_of(const KindOfSection& kind) {
  const char* name = name_of(kind.kind);
  return kind.cpu ? fmt::format("{}, CPU {}", name, *kind.cpu) : name;
}

SectionSummary summarize(const RecordedSections& sections, int cpus, Symbols* symbols) {
  const Summing summing(sections, symbols);
  SectionSummary summary;
  summary.recorded_ns = sections.end_ns - sections.begin_ns;
  summary.unclosed = sections.unclosed;
  for (const SectionKind kind : told_kinds) {
    if (kind == SectionKind::lock_wait && !sections.follows_locks) continue;
    if (cpus == 1) summary.kinds.push_back(summing.of(kind, std::nullopt));
    for (int cpu = 0; cpus > 1 && cpu < cpus; ++cpu)
      summary.kinds.push_back(summing.of(kind, static_cast<std::uint32_t>(cpu)));
  }
  return summary;
}

}  // namespace loopgate
