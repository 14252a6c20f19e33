#include "explain/distribution.h"

#include <algorithm>
#include <cmath>

namespace loopgate {

std::vector<Band> bands_of(std::vector<PhasesOfSample> samples) {
  std::stable_sort(samples.begin(), samples.end(), [](const PhasesOfSample& a, const PhasesOfSample& b) {
    return a.latency_ns < b.latency_ns;
  });
  constexpr std::array<double, 7> edges = {0, 50, 90, 99, 99.9, 99.99, 100};
  std::vector<Band> bands;
  std::size_t begin = 0;
  for (std::size_t i = 1; i < edges.size(); ++i) {
    // Nearest rank, as the quantiles are.
    const auto end =
        static_cast<std::size_t>(std::ceil(static_cast<double>(samples.size()) * edges[i] / 100.0 - 1e-9));
    if (end == begin) continue;
    Band band{
        edges[i - 1], edges[i], end - begin, samples[begin].latency_ns, samples[end - 1].latency_ns, {}};
    for (std::size_t s = begin; s < end; ++s) {
      for (std::size_t phase = 0; phase < phase_names.size(); ++phase)
        band.mean_ns[phase] +=
            static_cast<double>(samples[s].phase_ns[phase]) / static_cast<double>(end - begin);
    }
    bands.push_back(band);
    begin = end;
  }
  if (!bands.empty()) bands.back().to_percent = 100;  // of few samples the last bands are empty
  return bands;
}

}  // namespace loopgate
