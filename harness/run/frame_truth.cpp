#include "run/frame_truth.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "protocol/part_truth.h"

namespace loopgate {
namespace {

// Self-checks show nothing.
std::uint64_t shown_in_a_cell(const Plan& plan) {
  return static_cast<std::uint64_t>(plan.samples) +
         static_cast<std::uint64_t>(schedule_of(plan.suite.work).warm_up);
}

}  // namespace

std::optional<FrameTruth> truth_of(const DecisionWork& work) {
  if (work.truth.empty()) return std::nullopt;
  if (!work.pictures) return FrameTruth();
  const auto count = [&](char truth) {
    return static_cast<std::uint64_t>(std::ranges::count(work.truth, truth));
  };
  return FrameTruth{work.truth.size(), count(truth_ok), count(truth_ng)};
}

std::string frames_text(const Plan& plan) {
  const auto* work = std::get_if<DecisionWork>(&plan.suite.work);
  const auto truth = work == nullptr ? std::nullopt : truth_of(*work);
  if (!truth) return {};
  if (truth->pictures == 0) return "frames: nobody knows what they show, so no decision is right or wrong\n";
  std::string text = fmt::format("frames: {} pictures: {} OK, {} NG", with_thousands(truth->pictures),
                                 with_thousands(truth->ok), with_thousands(truth->ng));
  if (const std::uint64_t unknown = truth->pictures - truth->ok - truth->ng; unknown > 0)
    text += fmt::format(", {} that nobody knows", with_thousands(unknown));
  if (const std::uint64_t shown = shown_in_a_cell(plan); shown < truth->pictures)
    text += fmt::format("; each cell shows {} of them", with_thousands(shown));
  return text + "\n";
}

}  // namespace loopgate
