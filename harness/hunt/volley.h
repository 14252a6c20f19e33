// One run of the guest in a hunt: what is asked of it, and what it came to.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/section_reader.h"
#include "base/result.h"
#include "protocol/aim_settings.h"
#include "record/samples_file.h"

namespace loopgate {

struct Volley {
  std::uint64_t seed = 0;     // of all that is drawn in the run
  std::uint32_t stimuli = 0;  // counted
  AimSettings aim;
  bool recorded = true;  // critical sections are; needed to aim at them
};

// The kernel failed in a run.
struct FailedKernel {
  std::string what;                    // one sentence
  std::vector<std::int64_t> shots_ns;  // when the counted stimuli fell due until then
  std::string console;                 // the file that the console's text is kept in, in the run's folder
  std::string console_sha256;
};

struct VolleyEnd {
  std::vector<Sample> samples;  // self-checks, warm-up and counted, as in a samples file
  RecordedSections sections;    // empty where not recorded
  bool preemptible = true;      // the kernel preempts its own code (CONFIG_PREEMPTION)
  double host_s = 0;
  double begun_s = 0;                  // of it, until the first counted stimulus
  std::optional<FailedKernel> failed;  // then nothing else of it is believed
};

// Errors: of a run that could not be made.
using Shoot = std::function<Result<VolleyEnd>(const Volley&)>;

}  // namespace loopgate
