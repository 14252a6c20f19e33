#include "gate/baseline.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {
namespace {

struct Difference {
  std::string what;
  std::string of_baseline;
  std::string of_run;
};

std::string short_hash(const std::string& sha256) { return sha256.substr(0, 12); }

std::string text_of(const NamedInput& input) {
  return fmt::format("{} ({})", input.name, short_hash(input.sha256));
}

std::string shift_text(const std::optional<std::int64_t>& shift) {
  return shift ? std::to_string(*shift) : "none";
}

// A baseline that is older than the key doesn't say, and is as good as none.
std::string known(const std::string& text) { return text.empty() ? "not recorded" : text; }

std::string files_text(const std::optional<std::vector<NamedInput>>& files) {
  if (!files) return known("");
  std::vector<std::string> texts;
  for (const NamedInput& file : *files) texts.push_back(text_of(file));
  return texts.empty() ? "none" : fmt::format("{}", fmt::join(texts, ", "));
}

// The first thing that must be equal and is not. The number of samples need not be: more of them say the same
// with more confidence, and a quantile that too few resolve is INCONCLUSIVE.
std::optional<Difference> first_input_difference(const Comparison& baseline, const Comparison& run) {
  const Difference inputs[] = {
      {"time base", name_of(baseline.time_base), name_of(run.time_base)},
      {"board", text_of(baseline.board), text_of(run.board)},
      {"suite", text_of(baseline.suite), text_of(run.suite)},
      {"icount shift", shift_text(baseline.icount_shift), shift_text(run.icount_shift)},
      {"deadline in ns", std::to_string(baseline.deadline_ns), std::to_string(run.deadline_ns)},
      {"interval in ns", fmt::format("{}", fmt::join(baseline.interval_ns, " to ")),
       fmt::format("{}", fmt::join(run.interval_ns, " to "))},
      {"QEMU", known(baseline.made_with.qemu), known(run.made_with.qemu)},
      {"instrument's digest", known(short_hash(baseline.made_with.instrument_sha256)),
       known(short_hash(run.made_with.instrument_sha256))},
      {"base image's digest", known(short_hash(baseline.made_with.base_sha256)),
       known(short_hash(run.made_with.base_sha256))},
      {"programs' digest", known(short_hash(baseline.made_with.programs_sha256)),
       known(short_hash(run.made_with.programs_sha256))},
      {"list of payload files", files_text(baseline.made_with.payload_files),
       files_text(run.made_with.payload_files)}};
  const auto* found = std::find_if(std::begin(inputs), std::end(inputs),
                                   [](const Difference& each) { return each.of_baseline != each.of_run; });
  if (found == std::end(inputs)) return std::nullopt;
  return *found;
}

const NamedInput* find_load(const Comparison& comparison, const std::string& name) {
  const auto found = std::find_if(comparison.loads.begin(), comparison.loads.end(),
                                  [&](const NamedInput& load) { return load.name == name; });
  return found == comparison.loads.end() ? nullptr : &*found;
}

Status refuse(const std::string& what) {
  return fail(ErrorKind::usage, what,
              "measure the baseline again with the same board, suite, loads, programs, base image, "
              "instrument and QEMU");
}

Status check_group(const GroupEvidence& group, const Comparison& run, const Comparison& baseline,
                   const std::string& name) {
  if (find_group(baseline, group.kernel, group.load) == nullptr)
    return refuse(
        fmt::format("{}: the baseline has no kernel {} under load {}, which the policy compares with it",
                    name, group.kernel, group.load));
  const NamedInput* theirs = find_load(baseline, group.load);
  const NamedInput* ours = find_load(run, group.load);
  const std::string of_baseline = theirs != nullptr ? theirs->sha256 : "";
  const std::string of_run = ours != nullptr ? ours->sha256 : "";
  if (of_baseline == of_run && !of_run.empty()) return {};
  return refuse(fmt::format("{}: the baseline's load {} is defined as {}, and this run's as {}", name,
                            group.load, short_hash(of_baseline), short_hash(of_run)));
}

}  // namespace

Status check_baseline(const Comparison& run, const Comparison& baseline, const std::string& baseline_name,
                      const Policy& policy) {
  if (run.suite.sha256.empty() || baseline.suite.sha256.empty())
    return refuse(fmt::format(
        "{}: a capture knows its suite, board and loads by their names alone, so that nothing shows whether "
        "it is comparable with a baseline",
        baseline_name));
  if (const auto difference = first_input_difference(baseline, run))
    return refuse(fmt::format("{}: the baseline's {} is {}, and this run's is {}", baseline_name,
                              difference->what, difference->of_baseline, difference->of_run));
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
