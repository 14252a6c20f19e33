#include "run/hunted_request.h"

namespace loopgate {

CellRequest request_with_pulses(const CellRequest& measured, std::uint64_t seed, std::uint32_t counted,
                                const AimSettings& aim) {
  CellRequest request = measured;
  if (auto* responses = std::get_if<ResponseRequest>(&request.work)) {
    responses->pulses.seed = seed;
    responses->pulses.counted = counted;
  }
  request.aim = aim;
  return request;
}

bool is_again(const Sample& sample, const HuntedStimulus& stimulus) {
  return sample.stimulus_ns == stimulus.stimulus_ns && sample.answered() == stimulus.answered &&
         (!stimulus.answered || sample.latency_ns() == stimulus.latency_ns);
}

CellRequest hunted_request(const CellRequest& measured, const HuntedStimulus& stimulus, std::int64_t cpus) {
  AimSettings aim;
  aim.quiet = cpus > 1;
  aim.shots_ns = stimulus.shots_ns;
  return request_with_pulses(measured, stimulus.seed, static_cast<std::uint32_t>(stimulus.shots_ns.size()),
                             aim);
}

}  // namespace loopgate
