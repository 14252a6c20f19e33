// Layers in plain loops and integers: each is made once, with its multipliers and tables, and then computes
// its output from its inputs without allocating.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/network.h"

namespace loopgate::inspection {

// The values of each activation, at addresses that stay.
using Values = std::vector<std::vector<std::int8_t>>;
using Kernel = std::function<void()>;

Kernel kernel_of(const Layer& layer, const Network& network, Values* values);

// An index that walks over a tensor, the last axis first: calls `visit` with each.
template <class Visit>
void each_index(const Shape& shape, std::vector<std::size_t>* index, Visit visit) {
  std::fill(index->begin(), index->end(), 0);
  for (std::size_t i = 0, all = count_of(shape); i < all; ++i) {
    visit(*index);
    for (std::size_t axis = shape.size(); axis-- > 0 && ++(*index)[axis] == shape[axis];) (*index)[axis] = 0;
  }
}

}  // namespace loopgate::inspection
