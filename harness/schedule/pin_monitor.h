// What a watcher at the pins sees of a program on the board that sends stimuli and takes their answers: when
// each pin rose. It sends nothing and judges nothing. Pure: whoever owns the clock and the pins drives it.
#pragma once

#include <cstdint>
#include <vector>

#include "record/samples_file.h"
#include "schedule/pulse_train.h"

namespace loopgate {

class PinMonitor {
 public:
  explicit PinMonitor(const PulseSettings& settings);

  // The stimulus's pin rose. False when that is more often than planned. One that is still pending was not
  // answered.
  bool stimulus(std::int64_t now_ns);
  // False when nothing was pending.
  bool response(std::int64_t now_ns);
  // Nothing more will come.
  void end();

  bool complete() const { return counts_.due == counts_.planned; }
  bool self_checking() const {
    return counts_.due < settings_.self_checks || (pending_ && last_is_self_check());
  }
  bool pending() const { return pending_; }
  const PulseCounts& counts() const { return counts_; }
  void take_finished(std::vector<Sample>* out);

 private:
  bool last_is_self_check() const { return counts_.due <= settings_.self_checks; }

  PulseSettings settings_;
  PulseCounts counts_;
  bool pending_ = false;
  std::vector<Sample> open_;
};

}  // namespace loopgate
