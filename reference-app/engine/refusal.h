// Why a network cannot be taken. Thrown while a file is read; the reader of the whole file catches it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/network.h"

namespace loopgate::inspection {

struct Refusal {
  std::string why;
};

// "1x8x48x48"; an open length is "?".
std::string shape_text(const std::vector<std::int64_t>& dims);
std::string shape_text(const Shape& shape);

}  // namespace loopgate::inspection
