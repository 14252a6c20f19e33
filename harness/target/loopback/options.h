// What the command line says.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schedule/pulse_train.h"

namespace loopgate {

struct LoopbackOptions {
  bool check = false;  // else: run
  std::string chip;
  unsigned stimulus_out = 0;
  std::string edge = "rising";  // of the stimulus
  unsigned response_in = 0;
  std::optional<unsigned> verdict_in;  // the response says OK or NG
  int cpu = -1;                        // -1: any
  int priority = 90;
  bool allow_degraded = false;

  // check
  unsigned stimulus = 0;
  unsigned response = 0;
  std::optional<unsigned> verdict;  // with verdict_in
  std::uint32_t pulses = 100;
  std::uint32_t edges = 0;  // more, that are only counted
  std::string out;

  // run
  PulseSettings train;  // self_checks is 0: those are the check's pulses
  std::uint32_t self_checks = 0;
  std::string check_file;
  std::string records;  // the payload's, where `verdict_in` is read
  std::string samples;
  std::string stamps;
  std::vector<int> payload_cpus;

  bool falls() const { return edge == "falling"; }
};

// `exit_status` is what the program ends with when it returns false.
bool read_options(int argc, char** argv, LoopbackOptions* options, int* exit_status);

}  // namespace loopgate
