// The verdict of a run, of each kernel x load in it, and of each single check. Plain data, and its file.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_base.h"
#include "extremes/tail_rate.h"
#include "gate/kernel_ranking.h"
#include "gate/rank_sum.h"
#include "record/calibration.h"

namespace loopgate {

// In the order of precedence, but for a kernel that failed: whole_of().
enum class VerdictKind {
  not_gated,  // no check was made; no PASS
  pass,
  inconclusive,  // not enough evidence
  fail,          // the kernel
  invalid,       // the load, the instrument or the bench
};

// "PASS", "NOT GATED", ...
const char* name_of(VerdictKind kind);

// What the tail of what was seen says of latencies beyond it.
struct ContinuedTail {
  std::int64_t over_ns = 0;
  double hours = 0;  // that it was measured for, on the run's clock
  TailRate rate;
};

// What a whole is made of: a kernel x load of a run, or a run of an acceptance.
struct PartVerdict {
  VerdictKind verdict = VerdictKind::invalid;
  bool kernel_failed = false;
};

// FAIL where a kernel failed, whatever the bench did beside it; else the worst of the parts.
VerdictKind whole_of(const std::vector<PartVerdict>& parts);

struct Check {
  std::string kernel;
  std::string load;
  std::string program;   // that measured by itself; empty: the instrument did
  std::string rule;      // "cell": how a cell ended; "budget", "compare", "baseline" or "program"
  std::string quantity;  // "p99_9", "max", "late", "above 50 us", "outcome"...
  std::string unit;      // "ns", "stimuli", "share", "per_hour" or "ratio"; empty for a cell
  std::string against;   // compare: the other kernel
  std::optional<double> limit;
  std::optional<double> seen;  // nothing when there is none, such as the maximum of nothing
  VerdictKind verdict = VerdictKind::invalid;
  std::string why;     // one sentence
  std::string demand;  // what it demands; empty: demand_text() makes it of the above
  // PASS of a quantile or a share where samples are counted: what it is at most, at the policy's confidence.
  std::optional<double> at_most;
  std::string counted;                // of what it was judged: "5,000 stimuli"; may be empty
  std::vector<std::string> left_out;  // programs that the policy names and the run left out
  bool certain = false;               // by equal inputs, not by figures: nothing that drifts can change it
  // INCONCLUSIVE: about how many would decide. Stimuli: in all where samples are counted, else in each
  // replicate. Replicates: in all of each kernel.
  std::optional<std::uint64_t> samples_needed;
  std::optional<std::uint64_t> replicates_needed;
  std::optional<RatioInterval> interval;  // of a ratio, where replicates are counted
  std::optional<ContinuedTail> tail;      // of a rate by the hour, where what was seen did not decide
};

struct GroupVerdict {
  std::string kernel;
  std::string load;
  VerdictKind verdict = VerdictKind::invalid;
  bool kernel_failed = false;
};

struct Verdict {
  VerdictKind verdict = VerdictKind::invalid;
  std::string suite;
  std::string board;
  TimeBase time_base = TimeBase::virtual_time;
  std::string evidence_sha256;    // of what was judged: stats/evidence_digest.h, or a file of bounds
  std::string worst_case_sha256;  // as in Comparison; empty where the policy asks for nothing of it
  std::string self_measured_by;   // as in Comparison
  std::string policy_file;
  std::string policy_sha256;
  std::string policy_title;
  std::optional<std::string> baseline;  // where it was read from
  std::string baseline_sha256;          // of its statistics, in no file; empty without one
  // How many checks chance alone could make FAIL, and what all of them together keep to.
  std::size_t questions = 0;
  double confidence = 0.95;
  std::string guard_band;  // how latencies were held against limits (guard_band.h), in one line; may be empty
  std::vector<GroupVerdict> groups;  // in the comparison's order
  std::vector<Check> checks;
  std::optional<KernelRanking> order;  // changes no verdict
  // How often this gate errs, or that nobody has measured it, in one line; empty where it cannot be. Changes
  // no verdict.
  std::string error_rates;
  std::vector<std::string> remarks;  // what it does not speak of, a sentence each; they change no verdict
  std::optional<Calibration> calibration;  // that the line is from
  std::string next_step;                   // for cells that are not measured; may be empty
};

// The run as a part of more.
PartVerdict part_of(const Verdict& verdict);

// base/exit_status.h. NOT GATED, which a whole never is, gives that of INCONCLUSIVE: it is no PASS.
int exit_status(const Verdict& verdict);

// verdict.json, with its seal (record/seal.h)
std::string to_json(const Verdict& verdict);

// "max at most 100 us", "share above 50 us at most 0.1 %", "p99 at most 0.5 of generic's": what a check
// demands.
std::string demand_text(const Check& check);

// Of a budget that passed: "p99 38.2 us, at 95 % at most 41 us, limit 80 us, 5,000 stimuli"; of any other
// check what it demands, and why it passed.
std::string passed_text(const Check& check, double confidence);

// Valid UTF-8 without control characters, on one line: text that came from a console can go into any report.
std::string printable(std::string_view text);

}  // namespace loopgate
