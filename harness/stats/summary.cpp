#include "stats/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/sort/spreadsort/integer_sort.hpp>
#include <cmath>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>

#include "base/text.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

void sort_latencies(std::vector<std::int64_t>* latencies) {
  boost::sort::spreadsort::integer_sort(latencies->begin(), latencies->end());
}

// Integers are summed exactly; only the squares of what is left after the mean is taken off are rounded, in
// 64 bits of mantissa. A one-pass sum of squares would lose the spread of 10 million latencies that are
// alike.
void set_mean_and_stddev(const std::vector<std::int64_t>& values, LatencyFigures* figures) {
  __extension__ using Wide = __int128;
  Wide sum = 0;
  for (const std::int64_t value : values) sum += value;
  const auto count = static_cast<long double>(values.size());
  const long double mean = static_cast<long double>(sum) / count;
  long double squares = 0;
  for (const std::int64_t value : values) {
    const long double apart = static_cast<long double>(value) - mean;
    squares += apart * apart;
  }
  figures->mean = static_cast<double>(mean);
  figures->stddev = values.size() > 1 ? static_cast<double>(std::sqrt(squares / (count - 1))) : 0.0;
}

std::optional<double> mean_above_p99_5(const std::vector<std::int64_t>& sorted_ns) {
  constexpr std::uint32_t p99_5 = 995'000;
  if (!is_resolved(p99_5, sorted_ns.size())) return std::nullopt;
  const auto begin = static_cast<std::ptrdiff_t>(nearest_rank(sorted_ns.size(), p99_5));
  const auto count = static_cast<std::ptrdiff_t>(sorted_ns.size()) - begin;
  const long double sum = std::accumulate(sorted_ns.begin() + begin, sorted_ns.end(), 0.0L);
  return static_cast<double>(sum / static_cast<long double>(count));
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

// A counted stimulus; `pending` is the last one that was sent before it.
void count_sample(const Sample& sample, const Sample* pending, const std::string& cell,
                  CellStatistics* statistics) {
  SampleCounts& counts = statistics->counts;
  Latencies& latencies = statistics->latencies;
  ++counts.scheduled;
  std::int64_t took_ns = std::numeric_limits<std::int64_t>::max();  // unanswered
  if (sample.answered()) {
    took_ns = sample.latency_ns();
    ++counts.count;
    if (sample.late()) ++counts.late;
    latencies.answered_ns.push_back(sample.latency_ns());
    keep_if_worst(sample, cell, &statistics->worst);
  } else if (sample.sent() || pending == nullptr || !pending->answered()) {
    ++counts.unanswered;
    ++latencies.censored;
    if (!sample.sent()) ++statistics->waited_in_vain;
  } else {
    ++counts.not_sent;
    took_ns = pending->response_ns - sample.due_ns;
    latencies.not_sent_ns.push_back(took_ns);
    statistics->course.not_sent.push_back(statistics->course.due_ns.size());
  }
  statistics->course.due_ns.push_back(sample.due_ns);
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
  LatencyFigures figures;
  figures.min = sorted_ns.front();
  figures.max = sorted_ns.back();
  figures.jitter = figures.max - figures.min;
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    if (is_resolved(quantiles[i].per_million, sorted_ns.size()))
      figures.quantile[i] = sorted_ns[nearest_rank(sorted_ns.size(), quantiles[i].per_million) - 1];
  set_mean_and_stddev(sorted_ns, &figures);
  figures.mean_above_p99_5 = mean_above_p99_5(sorted_ns);
  return figures;
}

std::optional<double> figure(const LatencyFigures& figures, std::string_view key) {
  const Quantity* quantity = find_quantity(key);
  if (quantity == nullptr || quantity->figure == nullptr) return std::nullopt;
  return quantity->figure(*quantity, figures);
}

CellStatistics collect_statistics(const SampleFile& file, const std::string& cell) {
  CellStatistics statistics;
  statistics.latencies.answered_ns.reserve(file.samples.size());
  const Sample* pending = nullptr;  // a warm-up or a self-check can be what a counted one waits for
  for (const Sample& sample : file.samples) {
    if ((sample.flags & sample_self_check) != 0) {
      ++statistics.counts.self_checks;
    } else if ((sample.flags & sample_warm_up) != 0) {
      ++statistics.counts.warm_up;
      if (sample.sent() && !sample.answered()) ++statistics.counts.unanswered_warm_up;
    } else {
      count_sample(sample, pending, cell, &statistics);
    }
    if (sample.sent()) pending = &sample;
  }
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

void pool(const CellStatistics& other, CellStatistics* into) {
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
  into->waited_in_vain += other.waited_in_vain;
  into->counts.not_sent += other.counts.not_sent;
  into->counts.warm_up += other.counts.warm_up;
  into->counts.unanswered_warm_up += other.counts.unanswered_warm_up;
  into->counts.self_checks += other.counts.self_checks;
  merge_sorted(other.latencies.answered_ns, &into->latencies.answered_ns, std::less<>());
  merge_sorted(other.latencies.not_sent_ns, &into->latencies.not_sent_ns, std::less<>());
  into->latencies.censored += other.latencies.censored;
  merge_sorted(other.worst, &into->worst, worse);
  if (into->worst.size() > worst_kept) into->worst.resize(worst_kept);
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
