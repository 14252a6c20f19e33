// Whether what a kernel x load shows changes slowly while it is measured: a load that has not settled, or
// that goes through phases as long as the run. Its tail is then that of the moments that were measured. Pure.
//
// The counted stimuli of each replicate are cut into 40 blocks of equal count in the order of time, and two
// figures of each block are averaged over the replicates: its median, and its share above the p99 of all.
// What changes slowly puts its power into the first two cosine terms of the 40 figures (a half and a whole
// turn over the time: a step, a slope, a hump); what is random, or comes again many times, spreads it over
// all. Their share is held against 19,999 orders of the same 40 figures (a fixed seed), so no shape of their
// distribution is assumed. Each figure alarms at p <= 0.0004, so about 0.1 % of all stationary cells
// do.
//
// Not Friedman's test of the blocks over the replicates: the virtual bench's replicates begin at one saved
// state, so a load's bursts fall on the same moments in each of them. That is no drift, and Friedman's test
// alarms (p below 1e-6 in each of 6 runs of generic under a stationary load), as does each test that takes
// the replicates for independent of the load's phase. Here such bursts are part of what the orders shuffle.
// That they are shared is told, not judged: three such bursts in a run are three, in however many replicates.
//
// Neighbouring stimuli that depend on each other make neighbouring blocks alike: the ratio is divided by
// (1 + r) / (1 - r), r being what blocks of one replicate share with the next beyond what all replicates do
// (of fewer than three replicates, beyond the two slow terms: a rough estimate, so each figure alarms at
// 0.0002 there, or both together at 0.0001).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/latency_list.h"

namespace loopgate {

inline constexpr std::size_t course_blocks = 40;

// When stimuli fell due: all that is asked of it, since their latencies alone are many.
struct BlockTimes {
  std::array<std::int64_t, course_blocks> block_begin_ns{};  // of the first of each block
  std::int64_t last_ns = 0;

  bool operator==(const BlockTimes&) const = default;
};

// Of stimuli in the order of time.
BlockTimes block_times_of(const std::vector<std::int64_t>& due_ns);

// The counted stimuli of a replicate in the order of time.
struct Course {
  BlockTimes due;
  // Of one that was not sent, the least that it would have taken; of an unanswered one, `no_answer_ns`.
  LatencyList latency_ns;
  std::vector<std::size_t> not_sent = {};  // the places of those, rising
};

struct CourseBlock {
  std::int64_t begin_ns = 0;  // after the first counted stimulus
  double median_ns = 0;
  double share_above = 0;  // of Stationarity::above_ns
};

enum class Steadiness { not_tested, stationary, drifts };

// "not tested", "stationary", "drifts": as comparison.json and the page say it.
const char* name_of(Steadiness steadiness);
std::optional<Steadiness> steadiness_named(const std::string& name);

struct Stationarity {
  Steadiness result = Steadiness::not_tested;
  std::string says = "not tested: no replicate was measured";  // for people, in one sentence
  std::int64_t above_ns = 0;                                   // p99 of all
  std::vector<CourseBlock> blocks;  // of the replicates, averaged; none where it was not tested
  double p_median = 1;
  double p_tail = 1;
  // How many times as much the shares differ from block to block alike in all replicates as the replicates
  // leave to chance: about 1 where they have nothing in common. Nothing of fewer than three.
  std::optional<double> shared;
  std::optional<std::int64_t> more_settle_ns;  // after which the rest does not drift
};

inline constexpr std::uint64_t least_stimuli_of_course = 1'000;  // of all replicates: 10 above p99
inline constexpr std::uint64_t least_stimuli_of_replicate = 5 * course_blocks;

// A slow change is a drift when it is beyond chance, and large enough that anybody would act on it: from one
// quarter of the time to another at least 1 % of the median, or 25 % of the share above p99.
Stationarity stationarity_of(const std::vector<Course>& replicates);

}  // namespace loopgate
