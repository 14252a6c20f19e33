// paths.json of a run: what `explain --program` found (record/README.md). Its one writer; a later call adds
// to it.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "explain/explain_paths.h"

namespace loopgate {

// A file of this path alone.
nlohmann::ordered_json to_json(const PathExplanation& explanation);

// The file with this path in it. `earlier`: the text of the file before, whose other paths are kept; a
// damaged one goes.
nlohmann::ordered_json with_path(const PathExplanation& explanation, const std::string& earlier);

// The file without the path that is asked for; null where nothing is left of it. `request` names its cells.
nlohmann::ordered_json without_path(const PathRequest& request, const std::string& earlier);

}  // namespace loopgate
