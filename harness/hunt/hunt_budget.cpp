#include "hunt/hunt_budget.h"

#include <algorithm>

namespace loopgate {
namespace {

constexpr std::uint32_t least_stimuli = 800;
constexpr std::uint32_t most_stimuli = 5'000;
// `generic` under `mixed` has 1,300 windows a stimulus, and a recording 64 million (analysis/sections.cpp).
constexpr std::uint32_t recorded_at_most = 20'000;
constexpr double share_of_first_run = 0.25;

}  // namespace

std::uint32_t stimuli_of_first_run(const RandomStimuli& random, double budget_s, std::uint32_t measured) {
  if (random.host_s <= 0) return least_stimuli;
  const double affordable = static_cast<double>(random.count) * budget_s / random.host_s;
  const std::uint32_t at_most = std::clamp(measured, most_stimuli, recorded_at_most);
  return static_cast<std::uint32_t>(
      std::clamp<double>(share_of_first_run * affordable, least_stimuli, at_most));
}

void HuntBudget::learn(double begun_s, double run_s, std::size_t stimuli) {
  if (stimuli == 0 || begun_s > run_s) return;
  begun_s_ = begun_s;
  stimulus_s_ = (run_s - begun_s) / static_cast<double>(stimuli);
}

bool HuntBudget::allows(double spent_s, double run_s) const {
  return spent_s + run_s + std::max(proof_s_, proof_s(run_s)) <= budget_s_;
}

std::uint32_t HuntBudget::stimuli_of_next(double spent_s, std::uint32_t at_most) const {
  const double left_s = budget_s_ - spent_s;
  const double run_s = std::min(left_s / (1 + proof_s(1)), left_s - proof_s_);
  if (stimulus_s_ <= 0 || run_s < begun_s_) return 0;
  const double affordable = (run_s - begun_s_) / stimulus_s_;
  if (affordable < std::min(least_stimuli, at_most)) return 0;
  return static_cast<std::uint32_t>(std::min<double>(affordable, at_most));
}

}  // namespace loopgate
