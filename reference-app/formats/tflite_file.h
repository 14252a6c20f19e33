// Opens a .tflite file: everything that is read later is checked here, once.
#pragma once

#include <string>
#include <string_view>

#include "formats/tflite_schema.h"
#include "inspection/error.h"

namespace loopgate::inspection {

// Whether the bytes name themselves a .tflite file.
bool is_tflite(std::string_view bytes);

// A view into `bytes`, which must stay, at an address that is a multiple of 8. Failures refer to the file as
// `name`. Fails with exit_model. Allocates nothing.
Result<const tflite::Model*> parse_tflite(std::string_view bytes, const std::string& name);

}  // namespace loopgate::inspection
