// What a decision costs beside its latency: CPU time of each of the payload's threads, and the bytes that its
// stages read and write.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "stats/summary.h"

namespace loopgate {

struct ThreadFigures {
  std::string name;
  double ns_a_decision = 0;
  std::optional<double> share;  // of a CPU, at the rate of the counted decisions; nothing without a rate
};

struct StageBytes {
  std::string name;
  double a_decision = 0;  // computed from sizes, not measured by a counter
};

struct WorkFigures {
  std::vector<ThreadFigures> threads;
  std::vector<StageBytes> stages;
  bool shares_cpu = false;

  double ns_a_decision() const;
  double bytes_a_decision() const;
};

// Nothing where the payload did not say it.
std::optional<WorkFigures> work_figures_of(const Summary& summary);

// "a decision takes 4,871 us of CPU time: loop 4,560 us (92.9 % of a CPU), preparing 311 us (6.3 %), …".
std::string text_of(const WorkFigures& figures);

nlohmann::ordered_json to_json(const WorkFigures& figures);

}  // namespace loopgate
