#include "gate/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "gate/input_difference.h"

namespace loopgate {
namespace {

constexpr const char* programs_digest = "programs' digest";
constexpr const char* instruments_digest = "instrument's digest";

std::string shift_text(const std::optional<std::int64_t>& shift) {
  return shift ? std::to_string(*shift) : "none";
}

std::string files_text(const std::optional<std::vector<NamedInput>>& files) {
  if (!files) return known("");
  std::vector<std::string> texts;
  for (const NamedInput& file : *files) texts.push_back(input_text(file));
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
}

// What must be equal. The number of samples need not be: more of them say the same
// with more confidence, and a quantile that too few resolve is INCONCLUSIVE.
std::vector<SharedInput> shared_inputs(const Comparison& baseline, const Comparison& run) {
  return {{"time base", name_of(baseline.time_base), name_of(run.time_base)},
          {"board", input_text(baseline.board), input_text(run.board)},
          {"suite", input_text(baseline.suite), input_text(run.suite)},
          {"icount shift", shift_text(baseline.icount_shift), shift_text(run.icount_shift)},
          {"deadline in ns", std::to_string(baseline.deadline_ns), std::to_string(run.deadline_ns)},
          {"interval in ns", fmt::format("{}", fmt::join(baseline.interval_ns, " to ")),
           fmt::format("{}", fmt::join(run.interval_ns, " to "))},
          {"QEMU", known(baseline.made_with.qemu), known(run.made_with.qemu)},
          {instruments_digest, digest_text(baseline.made_with.instrument_sha256),
           digest_text(run.made_with.instrument_sha256)},
          {"base image's digest", digest_text(baseline.made_with.base_sha256),
           digest_text(run.made_with.base_sha256)},
          {"probe in the kernel", probe_text(baseline.probe), probe_text(run.probe)},
          {programs_digest, digest_text(baseline.made_with.programs_sha256),
           digest_text(run.made_with.programs_sha256)},
          {"list of payload files", files_text(baseline.made_with.payload_files),
           files_text(run.made_with.payload_files)}};
}

constexpr const char* with_the_same =
    "measure the baseline again with the same board, suite, loads, programs, base image, instrument and QEMU";

Status refuse(const std::string& what, const std::string& next_step = with_the_same) {
  return fail(ErrorKind::usage, what, next_step);
}

// Programs differ because loopgate was built anew, which people know as commits. A comparison.json knows
// none.
Status refuse_other_build(const std::string& what, const std::string& then, const std::string& now) {
  if (then.empty() || now.empty())
    return refuse(what + ": loopgate was rebuilt in between", "measure both with one build");
  if (then == now)
    return refuse(fmt::format("{}: loopgate was rebuilt in between, both times from commit {}", what, now),
                  "its tree or its compiler was another one: measure both with one build");
  return refuse(
      fmt::format("{}: loopgate was rebuilt in between: commit {} measured the baseline, and {} this "
                  "run",
                  what, then, now),
      fmt::format("measure the baseline again with the build of {}, or this run with that of {}", now, then));
}

Status refuse_difference(const std::string& name, const SharedInput& difference, const Comparison& baseline,
                         const Comparison& run) {
  const std::string what = fmt::format("{}: {}", name, difference_text("baseline", difference));
  if (difference.what != programs_digest && difference.what != instruments_digest) return refuse(what);
  return refuse_other_build(what, baseline.made_with.commit, run.made_with.commit);
}

Status check_group(const GroupEvidence& group, const Comparison& run, const Comparison& baseline,
                   const std::string& name) {
  if (find_group(baseline, group.kernel, group.load) == nullptr)
    return refuse(
        fmt::format("{}: the baseline has no kernel {} under load {}, which the policy compares with it",
                    name, group.kernel, group.load));
  const NamedInput* theirs = input_named(baseline.loads, group.load);
  const NamedInput* ours = input_named(run.loads, group.load);
  const std::string of_baseline = theirs != nullptr ? theirs->sha256 : "";
  const std::string of_run = ours != nullptr ? ours->sha256 : "";
  if (of_baseline == of_run && !of_run.empty()) return {};
  return refuse(fmt::format("{}: the baseline's load {} is defined as {}, and this run's as {}", name,
                            group.load, digest_text(of_baseline), digest_text(of_run)));
}

}  // namespace

Status check_baseline(const Comparison& run, const Comparison& baseline, const std::string& baseline_name,
                      const Policy& policy) {
  if (run.suite.sha256.empty() || baseline.suite.sha256.empty())
    return refuse(fmt::format(
        "{}: a capture knows its suite, board and loads by their names alone, so that nothing shows whether "
        "it is comparable with a baseline",
        baseline_name));
  const std::vector<SharedInput> inputs = shared_inputs(baseline, run);
  if (const SharedInput* difference = first_difference(inputs))
    return refuse_difference(baseline_name, *difference, baseline, run);
  for (const GroupEvidence& group : run.groups) {
    const bool compared =
        std::any_of(policy.baselines.begin(), policy.baselines.end(),
                    [&](const RatioRule& rule) { return rule.pattern.matches(group.kernel, group.load); });
    if (!compared) continue;
    if (auto fits = check_group(group, run, baseline, baseline_name); !fits) return fits;
  }
  return {};
}

}  // namespace loopgate
