// explain.json. The format is in harness/formats.md.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "explain/distribution.h"
#include "explain/explanation.h"

namespace loopgate {

struct Comparison {
  std::size_t sample = 0;  // in `explained`
  ExplainedSample against;
};

struct Explanation {
  std::string cell;
  std::string samples_sha256;
  std::vector<ExplainedSample> explained;
  std::optional<ExplainedSample> median;
  std::vector<Comparison> comparisons;
  std::vector<Band> bands;  // of --all
};

nlohmann::json document_of(const Explanation& explanation);

}  // namespace loopgate
