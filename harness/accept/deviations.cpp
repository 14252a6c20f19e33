#include "accept/deviations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/utc_time.h"

namespace loopgate {
namespace {

using Sentences = std::vector<std::string>;

void add_attempts(const AcceptanceRecord& record, Sentences* out) {
  for (std::size_t i = 0; i < record.attempts.size(); ++i) {
    const Attempt& attempt = record.attempts[i];
    if (i + 1 < record.attempts.size())
      out->push_back(fmt::format(
          "Attempt {}, begun {}, {}; what it had finished was kept.", i + 1, attempt.begun,
          attempt.ended.empty() ? "was cut off" : fmt::format("ended {} without a bundle", attempt.ended)));
    for (const MeasuredAgain& again : attempt.measured_again)
      out->push_back(fmt::format(
          "{}: cell {} was measured again in attempt {}, since what was there of it did not stand: {}",
          again.run, again.cell, i + 1, again.reason));
  }
}

// Between when it was begun and ended; a clock that was set meanwhile shows here.
void add_clocks(const AcceptanceRecord& record, const std::vector<AcceptedRun>& runs, Sentences* out) {
  const auto begun = unix_seconds(record.begun);
  const auto ended = unix_seconds(record.ended);
  if (begun && ended && *ended < *begun)
    out->push_back(
        fmt::format("The clock went back: it ended {}, before it began {}.", record.ended, record.begun));
  for (const AcceptedRun& each : runs) {
    const std::string& text = each.run.circumstances.started;
    const auto started = unix_seconds(text);
    if (!started || (begun && *started < *begun) || (ended && *started > *ended))
      out->push_back(
          fmt::format("{}: the clock says that it was measured from {}, outside of the acceptance's times.",
                      each.planned.name, text));
  }
}

// What the plan does not say, nobody agreed to before: it was what suite and policy file had that day.
void add_not_agreed(const AcceptancePlan& plan, Sentences* out) {
  for (const PlannedRun& run : plan.runs) {
    std::vector<const char*> keys;
    if (run.policy_sha256.empty()) keys.push_back("policy_sha256");
    if (run.kernels.empty()) keys.push_back("kernels");
    if (run.loads.empty()) keys.push_back("loads");
    if (run.samples == 0) keys.push_back("samples");
    if (run.repeat == 0) keys.push_back("repeat");
    if (!keys.empty())
      out->push_back(
          fmt::format("{}: the plan leaves out {}: what was measured and by which limits is not "
                      "agreed as far as these would say it.",
                      run.name, fmt::join(keys, ", ")));
  }
}

// Of a record that does not say what is modified.
void add_tools(const std::vector<AcceptedRun>& runs, Sentences* out) {
  for (const AcceptedRun& each : runs)
    if (const std::string& commit = each.run.circumstances.commit;
        commit.empty() || commit.ends_with("-dirty"))
      out->push_back(fmt::format("{}: the loopgate that measured was built from {} tree.", each.planned.name,
                                 commit.empty() ? "an unknown" : "a modified"));
}

void add_unjudged(const AcceptedRun& run, Sentences* out) {
  const std::string& name = run.planned.name;
  const auto ratios = std::ranges::count(run.judged.verdict.checks, std::string("baseline"), &Check::rule);
  if (ratios > 0)
    out->push_back(fmt::format("{}: {} of its policy's ratios are to an earlier run, and none was compared.",
                               name, ratios));
  for (const GroupEvidence& group : run.judged.comparison.groups)
    for (const UnmeasuredCell& cell : group.invalid)
      out->push_back(fmt::format("{}: cell {} gave no figures: {}", name, cell.cell, cell.reason));
}

}  // namespace

Sentences deviations_of(const AcceptanceRecord& record, const AcceptancePlan& plan,
                        const std::vector<AcceptedRun>& runs) {
  Sentences sentences;
  if (record.nonce.empty())
    sentences.emplace_back("No nonce of the customer's was given: the seeds are not derived from one.");
  if (record.board != plan.board)
    sentences.push_back(
        fmt::format("It was measured on board {}; the plan names {}.", record.board, plan.board));
  add_not_agreed(plan, &sentences);
  add_attempts(record, &sentences);
  add_clocks(record, runs, &sentences);
  for (const AcceptedRun& each : runs)
    if (!each.judged.comparison.bench_trusted)
      sentences.push_back(
          fmt::format("{}: the bench was not found sound after the last cell.", each.planned.name));
  if (record.modified)
    for (const std::string& each : *record.modified) sentences.push_back(each + ".");
  else
    add_tools(runs, &sentences);
  return sentences;
}

Sentences not_tested_of(const std::vector<AcceptedRun>& runs) {
  Sentences sentences;
  for (const AcceptedRun& each : runs) {
    if (each.run.time_base == TimeBase::virtual_time)
      sentences.push_back(
          fmt::format("{}: it ran on a model in virtual time: no real board, cache or bus was measured.",
                      each.planned.name));
    else if (each.run.board.emulator)
      sentences.push_back(
          fmt::format("{}: its board is an emulator: no hardware was measured.", each.planned.name));
    add_unjudged(each, &sentences);
    for (const std::string& remark : each.judged.verdict.remarks)
      sentences.push_back(fmt::format("{}: {}", each.planned.name, remark));
  }
  return sentences;
}

}  // namespace loopgate
