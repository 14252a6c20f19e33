// What a program said of itself, beside what an instrument saw of the payload in the same cells: how far the
// two lie apart. No verdict comes of it, since the two measure different ways through the kernel.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stats/comparison.h"
#include "stats/distribution.h"

namespace loopgate {

// A figure of both. The program's is known to what it cuts off, and so is the difference.
struct FigureBeside {
  const char* name;  // "min", "p50", "mean", "max", ...
  std::int64_t pin_ns = 0;
  LatencyRange program;
  LatencyRange more_by_pin;  // below 0 where the program's is the larger
};

struct Beside {
  std::string program;
  std::uint64_t stimuli = 0;  // that were answered
  std::uint64_t cycles = 0;   // of the program
  TimeBeside time;            // of all replicates together
  std::vector<FigureBeside> figures;
  std::string says;  // the same in two sentences
};

// Of all replicates pooled. Nothing where no program ran beside, where no stimulus was answered, or where a
// replicate of the program has no histogram that can be believed.
std::optional<Beside> beside_of(const GroupEvidence& group);

// The program's own bins, replicates added up; what lies beyond the last one is in a bin up to its largest.
Histogram histogram_beside(const GroupEvidence& group);

// comparison.json's `beside` of a group.
nlohmann::ordered_json to_json(const Beside& beside);

}  // namespace loopgate
