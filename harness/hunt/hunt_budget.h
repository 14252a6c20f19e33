// How a hunt spends its host time: how long its runs are, and which it can still pay for. Knows of costs what
// the runs so far took. Pure.
#pragma once

#include <cstddef>
#include <cstdint>

#include "record/hunt_file.h"

namespace loopgate {

// Counted stimuli of the first aimed run. Some kernels are worst late (RCU's list of freed inodes is long
// within two seconds), so it is as long as the budget lets it be: a quarter of the random stimuli that can be
// had for the same time. With the recorder it takes up to twice as long as they, so that half is left for
// exact shots and the proof. At the least 800; at most 5,000, or as many as were measured at random in the
// cell (`measured`), but never more than 20,000, which the recorder has room for; what is left goes to other
// seeds.
std::uint32_t stimuli_of_first_run(const RandomStimuli& random, double budget_s, std::uint32_t measured);

class HuntBudget {
 public:
  explicit HuntBudget(double budget_s) : budget_s_(budget_s) {}

  // Of an aimed run of so many counted stimuli: it took `run_s` of host time, and `begun_s` of that until the
  // first of them.
  void learn(double begun_s, double run_s, std::size_t stimuli);
  // What such a run, or the same one made again up to so many stimuli, will take with the recorder.
  double cost_s(std::size_t stimuli) const { return begun_s_ + stimulus_s_ * static_cast<double>(stimuli); }
  // The worst so far has so many before it in its run, itself one, and will be sent again.
  void found_worst(std::size_t stimuli) { proof_s_ = proof_s(cost_s(stimuli)); }

  // Whether a run of this cost can be made and then the proof, be the worst in that run or an earlier one.
  bool allows(double spent_s, double run_s) const;
  // Of the next aimed run: 0 where the budget has no room for 800, or for `at_most` where that is less. In
  // fewer a load need not have done what proves that it ran.
  std::uint32_t stimuli_of_next(double spent_s, std::uint32_t at_most) const;

 private:
  // Without the recorder the same run takes 0.45 to 0.5 times as long, measured on one CPU.
  static double proof_s(double run_s) { return 0.6 * run_s; }

  double budget_s_;
  double begun_s_ = 0;
  double stimulus_s_ = 0;
  double proof_s_ = 0;
};

}  // namespace loopgate
