// What the program says while it works: one JSON object a line on standard output, as the virtual bench's
// instrument says it (instrument/instrument.h reads it).
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "schedule/pulse_train.h"

namespace loopgate {

nlohmann::json event_of(const char* name, const PulseCounts& counts);
nlohmann::json error_event(const std::string& what);

// One write of less than PIPE_BUF bytes, so that a line is never split.
void say(const nlohmann::json& event);

}  // namespace loopgate
