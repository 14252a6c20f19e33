// A part on its way through the program, and the ways in which the loop ends.
#pragma once

#include <cstdint>

#include "inspection/decision.h"
#include "inspection/model.h"

namespace loopgate::inspection {

enum class LoopEnd { stopped, arrival_failed, camera_failed, engine_failed, verdict_failed };

struct Part {
  FrameRecord record{};
  Model* model = nullptr;        // decides it
  std::int64_t prepared_ns = 0;  // its picture was ready
};

// What the product's loop does wrong: nothing. Tests of the bench have a loop with planted faults
// (fixtures/planted/faulty_loop.h), which is built from the same templates; here the hooks compile to
// nothing.
struct NoFault {
  static constexpr bool answers(std::uint64_t /*event*/) { return true; }
  static constexpr std::uint64_t frame_of(std::uint64_t /*event*/, std::uint64_t number) { return number; }
  static constexpr bool keeps_picture(std::uint64_t /*event*/) { return false; }
  static constexpr void before_decision() {}
  static constexpr Decision decision_of(std::uint64_t /*frame*/, Decision decision) { return decision; }
};

}  // namespace loopgate::inspection
