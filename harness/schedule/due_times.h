// The due times of a schedule by themselves, as they are drawn from its seed: the train itself says when the
// stimulus after next falls due only once it was told of the next one, and there is no time for that while a
// stimulus is on its way.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "schedule/pulse_train.h"

namespace loopgate {

class DueTimes {
 public:
  DueTimes(const PulseSettings& settings, std::int64_t start_ns) : train_(settings) {
    train_.start(start_ns);
  }

  // Nothing once all were told.
  std::optional<std::int64_t> next() {
    const auto due_ns = train_.next_due_ns();
    if (!due_ns) return due_ns;
    train_.due(*due_ns);
    train_.abandon(*due_ns);
    train_.take_finished(&over_);
    over_.clear();
    return due_ns;
  }

 private:
  PulseTrain train_;
  std::vector<Sample> over_;
};

}  // namespace loopgate
