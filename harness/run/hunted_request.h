// The request of a run in which stimuli are sent at given times (`loopgate hunt`). Pure.
#pragma once

#include "machine/machine.h"
#include "record/hunt_file.h"
#include "record/samples_file.h"

namespace loopgate {

// `measured`: of the cell, as it was measured; its payload answers stimuli.
CellRequest request_with_pulses(const CellRequest& measured, std::uint64_t seed, std::uint32_t counted,
                                const AimSettings& aim);

// Whether a sample is the hunted stimulus, sent again.
bool is_again(const Sample& sample, const HuntedStimulus& stimulus);

// The run up to a hunted stimulus, on a board of so many CPUs.
CellRequest hunted_request(const CellRequest& measured, const HuntedStimulus& stimulus, std::int64_t cpus);

}  // namespace loopgate
