#include "calibrate/describe_calibration.h"

#include <fmt/format.h>

#include <string_view>

#include "base/text.h"
#include "base/units.h"
#include "gate/calibration_check.h"

namespace loopgate {
namespace {

std::string row(const std::string& what, const BoundedShare& share, const std::string& bound) {
  const std::string seen = fmt::format("{} of {}", with_thousands(share.seen), with_thousands(share.of));
  const std::string rate = percent_text(static_cast<double>(share.seen) / static_cast<double>(share.of));
  return fmt::format("{:<68} {:>14} {:>8}  {}\n", what, seen, rate, bound);
}

std::string verdict_rows(const Calibration& calibration) {
  const VerdictRates& draws = calibration.draws;
  std::string text =
      row("no regression: FAIL, a false alarm", draws.fail, at_most_text(draws.fail.high)) +
      row("no regression: PASS", draws.pass, at_least_text(draws.pass.low)) +
      row("no regression: INCONCLUSIVE", draws.inconclusive, at_most_text(draws.inconclusive.high));
  if (draws.invalid.seen > 0)
    text += row("no regression: INVALID", draws.invalid, at_most_text(draws.invalid.high));
  return text;
}

std::string alarm_rows(const Calibration& calibration) {
  std::string text;
  for (const FalseAlarms& each : calibration.false_alarms)
    text += row(fmt::format("{} x {}: FAIL because of it, a false alarm", each.kernel, each.load), each.seen,
                at_most_text(each.seen.high));
  return text;
}

std::string found_rows(const Calibration& calibration) {
  std::string text;
  for (const FoundRegression& each : calibration.found) {
    const PlantedRegression* plant = find_regression(each.plant);
    text +=
        row(fmt::format("{} x {}: {}", each.kernel, each.load, plant == nullptr ? each.plant : plant->label),
            each.found, at_least_text(each.found.low));
  }
  for (const std::string& each : calibration.not_judged)
    text += fmt::format("{}: no rule could find a latency that grows\n", each);
  return text;
}

std::string test_lines(const Calibration& calibration) {
  std::string text = fmt::format(
      "Do null changes move the figures by more than replicates differ? ({} pairs of "
      "variants: {} FAIL, {} PASS, {} INCONCLUSIVE)\n",
      calibration.pairs.count, calibration.pairs.fail.seen, calibration.pairs.pass.seen,
      calibration.pairs.inconclusive.seen);
  for (const VariantTest& test : calibration.tests)
    text += fmt::format("  {} x {}: {}: p = {:.4f}{}\n", test.kernel, test.load,
                        test.quantity == variant_quantities[0] ? "p50" : "mean of the slowest 1 %", test.p,
                        test.p < 0.01 ? ", they do" : "");
  return text;
}

}  // namespace

Calibration describe_calibration(const RunRecord& run, const Policy& policy, std::uint64_t variants) {
  Calibration calibration;
  calibration.policy = {policy.file, policy.sha256, policy.title};
  calibration.suite = run.suite;
  calibration.board = run.board;
  calibration.time_base = run.time_base;
  calibration.loads.assign(run.loads.begin(), run.loads.end());
  for (const KernelInput& kernel : run.kernels)
    calibration.kernels.push_back({kernel.name, kernel.sha256, kernel.image_sha256});
  calibration.made_with = provenance_of(run);
  calibration.variants = variants;
  calibration.replicates = static_cast<std::uint64_t>(run.repeat);
  calibration.samples = run.samples;
  return calibration;
}

std::string calibration_table(const Calibration& calibration) {
  std::string text = fmt::format(
      "suite {} · board {} · policy {}\n{} null variants with {} replicates of {} each. Bounds are at {} "
      "confidence, "
      "of {}.\n\n",
      calibration.suite.name, calibration.board.name, calibration.policy.file, calibration.variants,
      calibration.replicates, stimuli_text(calibration.samples), percent_text(calibration.confidence),
      calibration.draws.refers_to);
  text += fmt::format("{:<68} {:>14} {:>8}  {}\n", "what", "seen", "rate", "bound");
  text += verdict_rows(calibration) + alarm_rows(calibration) + found_rows(calibration) + "\n" +
          test_lines(calibration);
  return text + "\n" + error_rates_text(calibration) + "\n";
}

}  // namespace loopgate
