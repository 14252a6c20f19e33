// Exact statistics of raw samples: no bins, no interpolation, integers in nanoseconds. Pure.
//
// Quantiles are nearest-rank (Hyndman & Fan 1996, type 1): the smallest latency that at least the share q of
// the samples do not exceed, which is always a latency that was measured.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/payload_work.h"
#include "record/samples_file.h"
#include "stats/quantities.h"
#include "stats/stages.h"
#include "stats/stationarity.h"
#include "stats/tail.h"

namespace loopgate {

class ExactTail;

struct LatencyFigures {
  std::int64_t min = 0;
  // In the order of `quantiles`; nothing where so few latencies do not resolve it (stats/resolution.h).
  std::array<std::optional<std::int64_t>, quantiles.size()> quantile{};
  std::int64_t max = 0;
  double mean = 0;
  // Of the slowest 0.5 %. Where a fraction of the stimuli meets something slow, a quantile near that fraction
  // jumps from one mode to the other, and this moves evenly. Nothing where p99.5 is not resolved.
  std::optional<double> mean_above_p99_5;
  double stddev = 0;        // of the sample (n - 1); 0 for a single one
  std::int64_t jitter = 0;  // max - min
};

// The figures of latencies in ascending order; nothing when there are none.
std::optional<LatencyFigures> figures_of(const std::vector<std::int64_t>& sorted_ns);

// Of a latency in quantities.h ("min", "p50", ..., "jitter"); nothing for another key, and for a quantile
// that is not resolved.
std::optional<double> figure(const LatencyFigures& figures, std::string_view key);

struct SampleCounts {
  std::uint64_t scheduled = 0;  // count + unanswered + not_sent
  std::uint64_t count = 0;      // answered, late ones included
  std::uint64_t late = 0;
  std::uint64_t unanswered =
      0;  // sent, or not sent since one before it was still without an answer, and had none
  std::uint64_t not_sent = 0;  // one before it was still without its answer, which came later
  std::uint64_t warm_up = 0;
  std::uint64_t unanswered_warm_up = 0;
  std::uint64_t self_checks = 0;
};

// Why such counts keep no rule whatever it asks: there is nothing to judge, or an answer is missing that no
// rule counts. One sentence; empty when there is something.
std::string nothing_to_judge(const SampleCounts& counts);

// Of the counted responses that carry a decision. The late and the unanswered ones are among SampleCounts.
struct DecisionCounts {
  std::uint64_t ok = 0;
  std::uint64_t ng = 0;
  std::uint64_t wrong = 0;        // the other of OK and NG was true
  std::uint64_t wrong_frame = 0;  // for another frame than the one that waited
  std::uint64_t unjudged = 0;     // for the right frame, of which nobody knows the truth
  std::int64_t span_ns = 0;       // from a cell's first counted stimulus to its last response

  std::uint64_t count() const { return ok + ng; }
  // For the right frame, whose truth is known, so that they can be right or wrong.
  std::uint64_t judged() const { return count() - wrong_frame - unjudged; }
  std::optional<double> per_second() const {
    if (span_ns <= 0) return std::nullopt;
    return static_cast<double>(count()) * 1e9 / static_cast<double>(span_ns);
  }
};

// "40 of 60 decisions were not judged to be right or wrong: nobody knows what their frames show".
std::string unjudged_text(const DecisionCounts& decisions);

struct WorstSample {
  std::string cell;
  std::uint32_t index = 0;
  std::int64_t stimulus_ns = 0;
  std::int64_t latency_ns = 0;
};

inline constexpr std::size_t worst_kept = 10;

// The counted latencies of a cell, or of several pooled. Both lists are sorted.
struct Latencies {
  std::vector<std::int64_t> answered_ns;
  // For a stimulus that was not sent: from when it was due to the response that it waited for, which is the
  // least that it would have taken.
  std::vector<std::int64_t> not_sent_ns;
  std::uint64_t censored = 0;  // the unanswered: above any limit
};

struct CellStatistics {
  SampleCounts counts;
  Latencies latencies;
  std::vector<WorstSample> worst;  // the ten largest, largest first; equal ones in the order of their index
  std::optional<DecisionCounts> decisions;  // where the suite asks for them
  Stages stages;
  std::optional<PayloadWork> work;  // where the payload says it
  Course course;                    // of this cell alone: there is no order in time of pooled ones
  // Of each stimulus without an answer behind which others fell due: how many, which are unanswered, too.
  std::vector<std::uint64_t> waited_in_vain;
};

CellStatistics collect_statistics(const SampleFile& file, const std::string& cell);

// The decisions among the counted samples.
DecisionCounts decisions_of(const SampleFile& file);

// Adds another cell's samples, but for their course.
void pool(const CellStatistics& other, CellStatistics* into);
// But for their latencies as well.
void pool_counts(const CellStatistics& other, CellStatistics* into);

struct Summary {
  SampleCounts counts;
  std::optional<LatencyFigures> latency;  // of the answered; nothing when there are none
  std::optional<LatencyFigures>
      latency_with_not_sent;  // the answered, and what the not sent would have seen at the least
  std::vector<WorstSample> worst;
  std::optional<DecisionCounts> decisions;
  std::optional<StageSummary> stages;
  std::optional<PayloadWork> work = {};
};

Summary summarize(const CellStatistics& statistics);

// Of several cells, whose counts `pooled` has: its latencies are those of the tails, which are read in
// their order, and held once.
Summary summarize(const CellStatistics& pooled, const std::vector<std::shared_ptr<const ExactTail>>& tails);

}  // namespace loopgate
