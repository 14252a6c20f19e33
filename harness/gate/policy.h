// The policy: what a release must keep to. A strict TOML file:
//
//   title = "..."
//   suite = "irq-to-gpio"
//   time_base = "virtual"        # or "wall"
//   confidence = 0.95            # may be left out
//   # May be left out: samples in virtual time, replicates in wall-clock time.
//   count = "samples"            # or "replicates"
//   # Of replicates alone: how many of all must keep each budget.
//   min_replicate_fraction = 0.5
//   # May be left out: a maximum, a spread or a count that is kept by fewer is INCONCLUSIVE. 59: of none that
//   # exceeded, at most 5 % do at 95 % confidence.
//   min_stimuli = 59
//   # May be left out: what the instrument may be wrong by (gate/guard_band.h). A latency's limit is kept
//   from # so far below it and broken from so far above it; between is INCONCLUSIVE. guard_band_ns = 500 #
//   False: without a baseline, [[baseline]] rules are NOT GATED. baseline_required = true
//
//   [[budget]]                   # at least one limit; "*" means any
//   kernel = "preempt-rt"
//   load = "*"
//   max_us = 100                 # also p50_us, p90_us, p99_us, p99_9_us, p99_99_us, jitter_us;
//   late = 0                     # a count; also unanswered, not_sent, and wrong, wrong_frame of decisions
//   max_wrong_fraction = 0.1    # of the decisions
//   # Of what `loopgate bound` composed; also longest_irq_off_us, longest_preempt_off_us, hunted_max_us.
//   bound_us = 100
//   exceed = { over_us = 50, max_fraction = 1e-3 }    # or, of the rarest, { over_us = 100, max_per_hour =
//   0.01 }
//
//   [[budget]]                   # of a program that measures by itself
//   kernel = "preempt-rt"
//   load = "*"
//   program = "cyclictest"       # as the suite names it; "*" stands for each program of the suite
//   # Or "any": that it fails is told, and not held against this kernel.
//   result = "pass"              # and, where it keeps a histogram, latencies and exceed as above
//   figure = "overflows"         # one of its figures, with at_most or at_least
//   at_most = 0
//
//   [[compare]]                  # two kernels of the same run
//   kernel = "preempt-rt"
//   against = "generic"
//   load = "mixed"
//   # p50, p90, p99, p99_9, p99_99, max, jitter, mean or mean_above_p99_5 (of the slowest 0.5 %); or bound,
//   # longest_irq_off, longest_preempt_off, hunted_max
//   quantity = "max"
//   max_ratio = 0.5
//
//   [[baseline]]                 # the same kernel in another run
//   kernel = "*"
//   load = "*"
//   quantity = "p99"
//   max_ratio = 1.05
//
// Every rule that matches a kernel x load applies. A kernel x load that any rule speaks of may leave no
// stimulus unanswered, unless a budget of it says how many.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"

namespace loopgate {

// What a budget counts as evidence: the samples of all replicates together, which virtual time perturbs until
// they are alike, or replicates, each judged by itself. Ratios are of replicates in any case.
enum class CountUnit { samples, replicates };

struct Pattern {
  std::string kernel;  // "*": any
  std::string load;
  bool matches(const std::string& of_kernel, const std::string& of_load) const {
    return (kernel == "*" || kernel == of_kernel) && (load == "*" || load == of_load);
  }
};

struct Limit {
  std::string quantity;      // as in summary.json: "p99_9", "max", "jitter", "late", "unanswered", "not_sent"
  std::int64_t at_most = 0;  // ns, or stimuli
};

// Either of the stimuli or by the hour.
struct ExceedLimit {
  std::int64_t over_ns = 0;
  double max_fraction = 0;
  std::optional<double> max_per_hour = {};
};

struct BudgetRule {
  Pattern pattern;
  std::vector<Limit> limits;
  std::optional<ExceedLimit> exceed;
  std::optional<double> max_wrong_fraction;  // of the decisions
  std::vector<Limit> worst_case = {};        // of worst_case_quantities (record/worst_case.h)
};

// A figure that a program gave, by its name.
struct FigureLimit {
  std::string figure;
  std::optional<double> at_most;
  std::optional<double> at_least;
};

// Of a program that measured by itself: nothing of it meets what an instrument measured.
struct ProgramRule {
  Pattern pattern;
  std::string program;  // "*": each
  bool is_of(const std::string& name) const { return program == "*" || program == name; }
  bool must_pass = false;  // result = "pass"
  bool may_fail = false;   // result = "any": a fail is told, and not held against this kernel
  BudgetRule latencies;    // of its histogram; its pattern is this one's
  std::optional<FigureLimit> figure;
};

struct RatioRule {
  Pattern pattern;
  std::string against;  // a kernel of the same run; empty for a baseline rule
  std::string quantity;
  double max_ratio = 0;
};

// What a policy counts that does not say it.
constexpr CountUnit default_count(TimeBase time_base) {
  return time_base == TimeBase::wall_clock ? CountUnit::replicates : CountUnit::samples;
}

// The least n with 0.95^n below 0.05 (Wilks 1941, Annals of Mathematical Statistics 12, p. 91): where none of
// 59 exceeded, at most 5 % of all do, at 95 % confidence.
inline constexpr std::uint64_t default_min_stimuli = 59;

struct Policy {
  std::string file;  // its name without folders
  std::string sha256;
  std::string title;
  std::string suite;
  TimeBase time_base = TimeBase::virtual_time;
  std::optional<CountUnit> count;  // nothing: samples in virtual time, replicates in wall-clock time
  double confidence = 0.95;
  double min_replicate_fraction = 0.5;
  std::uint64_t min_stimuli = default_min_stimuli;
  std::int64_t guard_band_ns = 0;
  bool baseline_required = true;
  std::vector<BudgetRule> budgets;
  std::vector<ProgramRule> programs;  // the [[budget]]s that name a program
  std::vector<RatioRule> compares;
  std::vector<RatioRule> baselines;
};

// A usage error, naming file and key, when anything is unknown, missing, of a wrong type or out of range,
// when a budget has no limit, a rule stands there twice, or there is no rule at all.
Result<Policy> read_policy(const std::filesystem::path& path);
Result<Policy> parse_policy(std::string_view text, const std::string& file_name);

}  // namespace loopgate
