// run.json as it is written: run_record.cpp's other half.
#pragma once

#include <nlohmann/json.hpp>

#include "record/run_record.h"

namespace loopgate {

// Every run has every key.
nlohmann::ordered_json document_of(const RunRecord& run);

// All but the cells, which shard it is and the circumstances.
nlohmann::ordered_json shared_document_of(const RunRecord& run);

}  // namespace loopgate
