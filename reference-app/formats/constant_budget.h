// What may be copied of a file's constants. Any number of operators may name the same constant, so a small
// file could ask for any amount of memory.
#pragma once

#include <cstddef>

#include "engine/refusal.h"

namespace loopgate::inspection {

class ConstantBudget {
 public:
  // That many bytes, twice, are enough for any model.
  explicit ConstantBudget(std::size_t file_bytes) : left_(2 * file_bytes) {}

  void take(std::size_t bytes) {
    if (bytes > left_)
      throw Refusal{"uses constants again and again: together they are larger than the file"};
    left_ -= bytes;
  }

 private:
  std::size_t left_;
};

}  // namespace loopgate::inspection
