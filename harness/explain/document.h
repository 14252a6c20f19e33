// explain.json. The format is in harness/record/README.md.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "explain/distribution.h"
#include "explain/explanation.h"

namespace loopgate {

// One explained sample held against another.
struct SampleComparison {
  std::size_t sample = 0;  // in `explained`
  ExplainedSample against;
};

struct Explanation {
  std::string cell;
  std::string samples_sha256;
  std::vector<ExplainedSample> explained;
  std::optional<ExplainedSample> median;
  std::vector<SampleComparison> comparisons;
  std::vector<Band> bands;  // of --all
};

nlohmann::json document_of(const Explanation& explanation);

// What an earlier explain.json of the same samples holds and this document does not, is kept: the explained
// samples beside those of a look at all, and the other way around. Text that is no such document is left out.
nlohmann::json with_kept(nlohmann::json document, const std::string& earlier);

}  // namespace loopgate
