// Runs a network that was loaded once, without allocating.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace loopgate::inspection {

// The network's two outputs; the larger one decides.
struct Scores {
  float ng = 0;
  float ok = 0;
};

struct NetworkInput {
  int width = 0;
  int height = 0;
  float scale = 1;  // value = (int8 - zero_point) * scale, and the value of white is 1
  int zero_point = 0;

  std::size_t size() const { return static_cast<std::size_t>(width) * static_cast<std::size_t>(height); }
};

class InferenceEngine {
 public:
  virtual ~InferenceEngine() = default;

  virtual const char* name() const = 0;
  virtual NetworkInput input() const = 0;

  // `picture` has input().size() values, row by row. False when the engine failed. One thread at a time.
  virtual bool run(std::span<const std::int8_t> picture, Scores* scores) = 0;
};

}  // namespace loopgate::inspection
