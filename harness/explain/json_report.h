// explain.json. The format is in harness/record/README.md.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "explain/explanation.h"

namespace loopgate {

nlohmann::json to_json(const Explanation& explanation);

// Adds what an earlier explain.json of the same samples holds and this one does not: explained samples to a
// --phases call's, and the other way around. An earlier text of another format, or of other samples, is
// ignored.
nlohmann::json merged_with(nlohmann::json report, const std::string& earlier);

// What is left of an earlier explain.json once it is asked for samples, for the phases of all, or for both:
// the half that is not asked for again. Null where nothing is left.
nlohmann::json without_asked(const std::string& earlier, bool samples, bool phases);

}  // namespace loopgate
