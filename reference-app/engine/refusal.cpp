#include "engine/refusal.h"

namespace loopgate::inspection {

std::string shape_text(const std::vector<std::int64_t>& dims) {
  std::string text;
  for (const std::int64_t dim : dims)
    text += (text.empty() ? "" : "x") + (dim < 0 ? "?" : std::to_string(dim));
  return text.empty() ? "a single value" : text;
}

std::string shape_text(const Shape& shape) {
  return shape_text(std::vector<std::int64_t>(shape.begin(), shape.end()));
}

}  // namespace loopgate::inspection
