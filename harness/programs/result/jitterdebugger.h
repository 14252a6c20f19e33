// jitterdebugger's files, of versions 0.1 to 0.3: results.json, and its samples as samples.raw (64-bit
// machines' records) or samples.csv.
#pragma once

#include <memory>

#include "programs/result/self_measurement.h"

namespace loopgate {

std::unique_ptr<ResultReader> read_jitterdebugger_json(ResultOptions options);
std::unique_ptr<ResultReader> read_jitterdebugger_csv(ResultOptions options);
std::unique_ptr<ResultReader> read_jitterdebugger_raw(ResultOptions options);

// Whether a file that begins so is one of samples.
bool looks_like_jitterdebugger_csv(std::string_view beginning);
bool looks_like_jitterdebugger_raw(std::string_view beginning);

}  // namespace loopgate
