// Runs a network that was loaded once, without allocating.
#pragma once

#include <cstdint>
#include <span>

namespace loopgate::inspection {

class InferenceEngine {
 public:
  virtual ~InferenceEngine() = default;

  virtual const char* name() const = 0;

  // The network's input, in the order of its shape; to be filled before run(), which leaves it as it is.
  virtual std::span<std::int8_t> picture() = 0;
  // False when the engine failed. One thread at a time.
  virtual bool run() = 0;
  // What the last run() computed.
  virtual std::span<const std::int8_t> output() const = 0;
};

}  // namespace loopgate::inspection
