// The names of a model's classes, one a line, as TensorFlow's and PyTorch's lists have them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inspection/error.h"

namespace loopgate::inspection {

// Fails with exit_model.
Result<std::vector<std::string>> read_labels(const std::filesystem::path& file);

}  // namespace loopgate::inspection
