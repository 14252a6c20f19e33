// --phases: which phase makes the tail. The cell's samples in bands of rising latency, and how long each
// phase took in the mean of each band.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "explain/sample/explained_sample.h"

namespace loopgate {

struct PhasesOfSample {
  std::int64_t latency_ns = 0;
  std::array<std::int64_t, phase_names.size()> phase_ns{};
};

struct Band {
  double from_percent = 0;
  double to_percent = 0;
  std::size_t count = 0;
  std::int64_t min_ns = 0;
  std::int64_t max_ns = 0;
  std::array<double, phase_names.size()> mean_ns{};
};

// Bands that no sample falls into are left out.
std::vector<Band> bands_of(std::vector<PhasesOfSample> samples);

}  // namespace loopgate
