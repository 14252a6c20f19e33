#include "stats/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cmath>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

#include "base/latency_list.h"
#include "base/text.h"
#include "stats/exact_tail.h"
#include "stats/resolution.h"
#include "stats/sorted_latencies.h"

namespace loopgate {
namespace {

void sort_latencies(std::vector<std::int64_t>* latencies) {
  boost::sort::spreadsort::integer_sort(latencies->begin(), latencies->end());
}

// Latencies in ascending order, which are gone through as often as it takes.
struct OfVector {
  const std::vector<std::int64_t>& sorted_ns;

  std::uint64_t size() const { return sorted_ns.size(); }
  template <class Use>
  void for_each(const Use& use) const {
    for (const std::int64_t each : sorted_ns) use(each);
  }
};

struct OfParts {
  std::vector<const SortedLatencies*> parts;

  std::uint64_t size() const {
    std::uint64_t all = 0;
    for (const SortedLatencies* each : parts) all += each->size();
    return all;
  }
  template <class Use>
  void for_each(const Use& use) const {
    for (MergedLatencies rest(parts); !rest.at_end();) use(rest.next());
  }
};

// Integers are summed exactly; only the squares of what is left after the mean is taken off are rounded, in
// 64 bits of mantissa. A one-pass sum of squares would lose the spread of 10 million latencies that are
// alike.
template <class Sequence>
LatencyFigures figures_of_sequence(const Sequence& sorted) {
  __extension__ using Wide = __int128;
  constexpr std::uint32_t p99_5 = 995'000;
  const std::uint64_t size = sorted.size();
  std::vector<std::pair<std::uint64_t, std::size_t>> ranks;  // of the quantiles that are resolved
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    if (is_resolved(quantiles[i].per_million, size))
      ranks.emplace_back(nearest_rank(size, quantiles[i].per_million), i);
  std::ranges::sort(ranks);
  auto rank = ranks.begin();
  const bool has_mean_above = is_resolved(p99_5, size);
  const std::uint64_t above_from = nearest_rank(size, p99_5);
  LatencyFigures figures;
  Wide sum = 0;
  long double above = 0;
  std::uint64_t at = 0;
  sorted.for_each([&](std::int64_t value) {
    if (at == 0) figures.min = value;
    sum += value;
    if (at >= above_from) above += static_cast<long double>(value);
    ++at;
    for (; rank != ranks.end() && rank->first == at; ++rank) figures.quantile[rank->second] = value;
    figures.max = value;
  });
  const auto count = static_cast<long double>(size);
  const long double mean = static_cast<long double>(sum) / count;
  long double squares = 0;
  sorted.for_each([&](std::int64_t value) {
    const long double apart = static_cast<long double>(value) - mean;
    squares += apart * apart;
  });
  figures.jitter = figures.max - figures.min;
  figures.mean = static_cast<double>(mean);
  figures.stddev = size > 1 ? static_cast<double>(std::sqrt(squares / (count - 1))) : 0.0;
  if (has_mean_above)
    figures.mean_above_p99_5 = static_cast<double>(above / static_cast<long double>(size - above_from));
  return figures;
}

bool worse(const WorstSample& a, const WorstSample& b) { return a.latency_ns > b.latency_ns; }

void keep_if_worst(const Sample& sample, const std::string& cell, std::vector<WorstSample>* worst) {
  if (worst->size() == worst_kept && sample.latency_ns() <= worst->back().latency_ns) return;
  const WorstSample candidate{cell, sample.index, sample.stimulus_ns, sample.latency_ns()};
  worst->insert(std::upper_bound(worst->begin(), worst->end(), candidate, worse), candidate);
  if (worst->size() > worst_kept) worst->pop_back();
}

// Both sorted by `less`; of equal ones, those of `into` come first.
template <class T, class Less>
void merge_sorted(const std::vector<T>& other, std::vector<T>* into, Less less) {
  std::vector<T> both;
  both.reserve(into->size() + other.size());
  std::merge(into->begin(), into->end(), other.begin(), other.end(), std::back_inserter(both), less);
  *into = std::move(both);
}

// One that fell due while another without an answer was pending: `begins`, the first that did.
void count_waiting(bool begins, CellStatistics* statistics) {
  if (begins) statistics->waited_in_vain.push_back(0);
  ++statistics->waited_in_vain.back();
}

// A counted stimulus; `pending` is the last one that was sent before it, `waited_for` the last one that
// another one waited for in vain.
void count_sample(const Sample& sample, const Sample* pending, const Sample** waited_for,
                  const std::string& cell, CellStatistics* statistics) {
  SampleCounts& counts = statistics->counts;
  Latencies& latencies = statistics->latencies;
  ++counts.scheduled;
  std::int64_t took_ns = no_answer_ns;  // unanswered
  if (sample.answered()) {
    took_ns = sample.latency_ns();
    ++counts.count;
    if (sample.late()) ++counts.late;
    latencies.answered_ns.push_back(sample.latency_ns());
    keep_if_worst(sample, cell, &statistics->worst);
  } else if (sample.sent() || pending == nullptr || !pending->answered()) {
    ++counts.unanswered;
    ++latencies.censored;
    if (!sample.sent()) {
      count_waiting(statistics->waited_in_vain.empty() || *waited_for != pending, statistics);
      *waited_for = pending;
    }
  } else {
    ++counts.not_sent;
    took_ns = pending->response_ns - sample.due_ns;
    latencies.not_sent_ns.push_back(took_ns);
    statistics->course.not_sent.push_back(statistics->course.latency_ns.size());
  }
  statistics->course.latency_ns.push_back(took_ns);
}

}  // namespace

std::string nothing_to_judge(const SampleCounts& counts) {
  if (counts.count == 0)
    return fmt::format("none of its {} counted stimuli was answered", with_thousands(counts.scheduled));
  if (counts.unanswered_warm_up > 0)
    return fmt::format("{} of its {} warm-up stimuli had no answer, and no rule counts those",
                       with_thousands(counts.unanswered_warm_up), with_thousands(counts.warm_up));
  return {};
}

std::optional<LatencyFigures> figures_of(const std::vector<std::int64_t>& sorted_ns) {
  if (sorted_ns.empty()) return std::nullopt;
  return figures_of_sequence(OfVector{sorted_ns});
}

std::optional<double> figure(const LatencyFigures& figures, std::string_view key) {
  const Quantity* quantity = find_quantity(key);
  if (quantity == nullptr || quantity->figure == nullptr) return std::nullopt;
  return quantity->figure(*quantity, figures);
}

CellStatistics collect_statistics(const SampleFile& file, const std::string& cell) {
  CellStatistics statistics;
  statistics.latencies.answered_ns.reserve(file.samples.size());
  statistics.course.latency_ns.reserve(file.samples.size());
  std::vector<std::int64_t> due_ns;
  due_ns.reserve(file.samples.size());
  const Sample* pending = nullptr;  // a warm-up or a self-check can be what a counted one waits for
  const Sample* waited_for = nullptr;
  for (const Sample& sample : file.samples) {
    if ((sample.flags & sample_self_check) != 0) {
      ++statistics.counts.self_checks;
    } else if ((sample.flags & sample_warm_up) != 0) {
      ++statistics.counts.warm_up;
      if (sample.sent() && !sample.answered()) ++statistics.counts.unanswered_warm_up;
    } else {
      count_sample(sample, pending, &waited_for, cell, &statistics);
      due_ns.push_back(sample.due_ns);
    }
    if (sample.sent()) pending = &sample;
  }
  statistics.course.due = block_times_of(due_ns);
  std::vector<std::int64_t>().swap(due_ns);
  sort_latencies(&statistics.latencies.answered_ns);
  sort_latencies(&statistics.latencies.not_sent_ns);
  return statistics;
}

DecisionCounts decisions_of(const SampleFile& file) {
  DecisionCounts counts;
  std::int64_t first_ns = -1, last_ns = -1;
  for (const Sample& sample : file.samples) {
    if (!sample.counted() || !sample.answered()) continue;
    ++((sample.flags & sample_ok) != 0 ? counts.ok : counts.ng);
    if ((sample.flags & sample_wrong) != 0) ++counts.wrong;
    if ((sample.flags & sample_wrong_frame) != 0) ++counts.wrong_frame;
    if ((sample.flags & sample_unjudged) != 0) ++counts.unjudged;
    if (first_ns < 0) first_ns = sample.stimulus_ns;
    last_ns = sample.response_ns;
  }
  counts.span_ns = last_ns - first_ns;
  return counts;
}

std::string unjudged_text(const DecisionCounts& decisions) {
  return fmt::format(
      "{} of {} decisions were not judged to be right or wrong: nobody knows what their frames show",
      with_thousands(decisions.unjudged), with_thousands(decisions.count()));
}

void pool_counts(const CellStatistics& other, CellStatistics* into) {
  if (other.decisions) {
    DecisionCounts& decisions = into->decisions ? *into->decisions : into->decisions.emplace();
    decisions.ok += other.decisions->ok;
    decisions.ng += other.decisions->ng;
    decisions.wrong += other.decisions->wrong;
    decisions.wrong_frame += other.decisions->wrong_frame;
    decisions.unjudged += other.decisions->unjudged;
    decisions.span_ns += other.decisions->span_ns;
  }
  if (!other.stages.samples.empty()) into->stages.names = other.stages.names;
  into->stages.samples.insert(into->stages.samples.end(), other.stages.samples.begin(),
                              other.stages.samples.end());
  into->stages.left_out += other.stages.left_out;
  if (other.stages.probe) {
    ProbeCounts& probe = into->stages.probe ? *into->stages.probe : into->stages.probe.emplace();
    probe.stimuli += other.stages.probe->stimuli;
    probe.lost += other.stages.probe->lost;
    probe.unfinished += other.stages.probe->unfinished;
    probe.cost_ns = std::max(probe.cost_ns, other.stages.probe->cost_ns);
    probe.transport = other.stages.probe->transport;
    const ProbeReplaced& replaced = other.stages.probe->replaced;
    probe.replaced.times += replaced.times;
    probe.replaced.answers += replaced.answers;
    probe.replaced.max_ns = std::max(probe.replaced.max_ns, replaced.max_ns);
    const auto& traced = other.stages.probe->traced;
    if (traced && (!probe.traced || traced->latency_ns > probe.traced->latency_ns)) probe.traced = traced;
  }
  if (other.work) pool(*other.work, into->work ? &*into->work : &into->work.emplace());
  into->counts.scheduled += other.counts.scheduled;
  into->counts.count += other.counts.count;
  into->counts.late += other.counts.late;
  into->counts.unanswered += other.counts.unanswered;
  into->waited_in_vain.insert(into->waited_in_vain.end(), other.waited_in_vain.begin(),
                              other.waited_in_vain.end());
  into->counts.not_sent += other.counts.not_sent;
  into->counts.warm_up += other.counts.warm_up;
  into->counts.unanswered_warm_up += other.counts.unanswered_warm_up;
  into->counts.self_checks += other.counts.self_checks;
  into->latencies.censored += other.latencies.censored;
  merge_sorted(other.worst, &into->worst, worse);
  if (into->worst.size() > worst_kept) into->worst.resize(worst_kept);
}

void pool(const CellStatistics& other, CellStatistics* into) {
  pool_counts(other, into);
  merge_sorted(other.latencies.answered_ns, &into->latencies.answered_ns, std::less<>());
  merge_sorted(other.latencies.not_sent_ns, &into->latencies.not_sent_ns, std::less<>());
}

Summary summarize(const CellStatistics& pooled, const std::vector<std::shared_ptr<const ExactTail>>& tails) {
  OfParts answered;
  OfParts all;
  for (const auto& each : tails) {
    answered.parts.push_back(&each->answered());
    all.parts.push_back(&each->answered());
    all.parts.push_back(&each->not_sent());
  }
  Summary summary{pooled.counts, std::nullopt,     std::nullopt,
                  pooled.worst,  pooled.decisions, summarize(pooled.stages),
                  pooled.work};
  if (answered.size() > 0) summary.latency = figures_of_sequence(answered);
  summary.latency_with_not_sent = summary.latency;
  if (all.size() > answered.size()) summary.latency_with_not_sent = figures_of_sequence(all);
  return summary;
}

Summary summarize(const CellStatistics& statistics) {
  const Latencies& latencies = statistics.latencies;
  Summary summary{statistics.counts,    figures_of(latencies.answered_ns), std::nullopt,   statistics.worst,
                  statistics.decisions, summarize(statistics.stages),      statistics.work};
  if (latencies.not_sent_ns.empty()) {
    summary.latency_with_not_sent = summary.latency;
    return summary;
  }
  std::vector<std::int64_t> all;
  all.reserve(latencies.answered_ns.size() + latencies.not_sent_ns.size());
  std::merge(latencies.answered_ns.begin(), latencies.answered_ns.end(), latencies.not_sent_ns.begin(),
             latencies.not_sent_ns.end(), std::back_inserter(all));
  summary.latency_with_not_sent = figures_of(all);
  return summary;
}

}  // namespace loopgate
