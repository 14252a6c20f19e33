#include "gate/calibration_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "gate/input_difference.h"

namespace loopgate {
namespace {

// From another working directory it has another path.
std::string name_of_file(const std::string& path) { return std::filesystem::path(path).filename().string(); }

Status refuse_calibration(const std::string& name, const std::string& what) {
  return fail(ErrorKind::usage, fmt::format("{}: {}", name, what),
              "calibrate again, or leave --calibration out");
}

Status check_calibrated_inputs(const Calibration& calibration, const std::string& name, const Comparison& run,
                               const Policy& policy) {
  const SharedInput inputs[] = {
      {"policy", input_text(name_of_file(calibration.policy.file), calibration.policy.sha256),
       input_text(name_of_file(policy.file), policy.sha256)},
      {"suite", input_text(calibration.suite), input_text(run.suite)},
      {"board", input_text(calibration.board), input_text(run.board)},
      {"probe in the kernel", probe_text(""), probe_text(run.probe)},
      {"time base", name_of(calibration.time_base), name_of(run.time_base)},
      {"QEMU", calibration.made_with.qemu, run.made_with.qemu},
      {"instrument's digest", digest_text(calibration.made_with.instrument_sha256),
       digest_text(run.made_with.instrument_sha256)},
      {"base image's digest", digest_text(calibration.made_with.base_sha256),
       digest_text(run.made_with.base_sha256)}};
  const SharedInput* difference = first_difference(inputs);
  if (difference == nullptr) return {};
  return refuse_calibration(name, difference_text("calibration", *difference));
}

bool judges(const Policy& policy, const GroupEvidence& group) {
  const auto matches = [&](const auto& rule) { return rule.pattern.matches(group.kernel, group.load); };
  return std::ranges::any_of(policy.budgets, matches) || std::ranges::any_of(policy.compares, matches) ||
         std::ranges::any_of(policy.baselines, matches);
}

Status check_calibrated_group(const Calibration& calibration, const std::string& name, const Comparison& run,
                              const GroupEvidence& group) {
  const std::string what = fmt::format("kernel {} under load {}", group.kernel, group.load);
  const NamedInput* load = input_named(calibration.loads, group.load);
  const auto kernel = std::ranges::find(calibration.kernels, group.kernel, &CalibratedKernel::name);
  if (load == nullptr || kernel == calibration.kernels.end())
    return refuse_calibration(name, fmt::format("{} was not calibrated, and the policy judges it", what));
  const NamedInput* ours = input_named(run.loads, group.load);
  if (ours == nullptr || ours->sha256 != load->sha256)
    return refuse_calibration(
        name, fmt::format("the calibration's load is {}, and this run's is {}", input_text(*load),
                          ours == nullptr ? "another" : input_text(*ours)));
  if (group.cells.size() != calibration.drawn_replicates)
    return refuse_calibration(
        name, fmt::format("{} has {} replicates in this run, and the calibration's drawn runs had {}", what,
                          group.cells.size(), calibration.drawn_replicates));
  return {};
}

// One decimal, away from what was seen: a bound must hold as it is printed.
std::string tenths_text(double tenths) {
  const auto whole = static_cast<std::int64_t>(tenths);
  return whole % 10 == 0 ? fmt::format("{} %", whole / 10) : fmt::format("{}.{} %", whole / 10, whole % 10);
}

// Of one regression in one kernel: the least bound of its loads.
struct KernelBound {
  std::string kernel;
  double low = 0;
};

struct RegressionBounds {
  std::string_view phrase;
  std::vector<KernelBound> kernels;
};

template <class Entries, class Key, class Get>
auto* entry_of(Entries* entries, const Key& key, Get get) {
  const auto known = std::ranges::find(*entries, key, get);
  return known == entries->end() ? nullptr : &*known;
}

std::vector<RegressionBounds> bounds_of(const Calibration& calibration) {
  std::vector<RegressionBounds> regressions;
  for (const PlantedRegression& plant : planted_regressions) {
    for (const FoundRegression& each : calibration.found) {
      if (each.plant != plant.key) continue;
      auto* regression = entry_of(&regressions, std::string_view(plant.phrase), &RegressionBounds::phrase);
      if (regression == nullptr) regression = &regressions.emplace_back(RegressionBounds{plant.phrase, {}});
      auto* kernel = entry_of(&regression->kernels, each.kernel, &KernelBound::kernel);
      if (kernel == nullptr) kernel = &regression->kernels.emplace_back(KernelBound{each.kernel, 1});
      kernel->low = std::min(kernel->low, each.found.low);
    }
  }
  return regressions;
}

// "at least 86.8 % (generic) to 99.8 % (preempt-rt)": of the kernel where it is found least, and where most.
std::string bounds_text(const std::vector<KernelBound>& kernels) {
  const auto [least, most] = std::ranges::minmax_element(kernels, {}, &KernelBound::low);
  const std::string text = at_least_text(least->low);
  if (at_least_text(most->low) == text) return text;
  return fmt::format("{} ({}) to {} ({})", text, least->kernel,
                     at_least_text(most->low).substr(std::string_view("at least ").size()), most->kernel);
}

std::string found_regressions_text(const Calibration& calibration) {
  std::string text;
  for (const RegressionBounds& each : bounds_of(calibration))
    text += fmt::format("{}{} in {}", text.empty() ? "finds " : ", ", each.phrase, bounds_text(each.kernels));
  return text.empty() ? "has no rule that could find a latency that grows" : text;
}

}  // namespace

std::string at_most_text(double share) { return "at most " + tenths_text(std::ceil(share * 1'000 - 1e-9)); }

std::string at_least_text(double share) {
  return "at least " + tenths_text(std::floor(share * 1'000 + 1e-9));
}

Status check_calibration(const Calibration& calibration, const std::string& name, const Comparison& run,
                         const Policy& policy, bool has_baseline) {
  TRY_STATUS(check_calibrated_inputs(calibration, name, run, policy));
  for (const GroupEvidence& group : run.groups)
    if (judges(policy, group)) TRY_STATUS(check_calibrated_group(calibration, name, run, group));
  if (run.samples != calibration.samples)
    return refuse_calibration(name,
                              fmt::format("a cell has {} stimuli in this run, and the calibration's had {}",
                                          with_thousands(run.samples), with_thousands(calibration.samples)));
  if (policy.baselines.empty() || has_baseline) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("{}: the policy's [[baseline]] rules were calibrated, and judge nothing without a baseline",
                  name),
      "give one with --baseline, or leave --calibration out");
}

std::string error_rates_text(const Calibration& calibration) {
  const BoundedShare& alarms = calibration.draws.fail;
  return fmt::format(
      "this gate: false alarms {} ({} of {} draws of {} from {} replicates), PASS in {} where nothing is "
      "worse, {}",
      at_most_text(alarms.high), with_thousands(alarms.seen), with_thousands(alarms.of),
      with_thousands(calibration.drawn_replicates), with_thousands(calibration.pooled()),
      at_least_text(calibration.draws.pass.low), found_regressions_text(calibration));
}

std::string not_calibrated_text(const std::string& suite, const std::string& policy) {
  return fmt::format(
      "no calibration was given, so how often this gate errs is not said: loopgate calibrate {} --policy {} "
      "--out DIR measures it, and gate --calibration DIR says it",
      suite, policy);
}

}  // namespace loopgate
