// Turns the network's scores into a decision, for one frame or for several frames of one scene.
#pragma once

#include <cstdint>

#include "protocol/records.h"
#include "task/scores.h"

namespace loopgate::inspection {

// A part with equal scores does not pass.
constexpr Decision decide(const Scores& scores) {
  return scores.ok > scores.ng ? Decision::ok : Decision::ng;
}

// Sums the scores of the `frames` frames of a scene, and decides at the last one. Frame number n, from 1,
// belongs to scene (n - 1) / frames. A scene with a lost frame is not decided.
class Fusion {
 public:
  explicit Fusion(std::uint64_t frames) : frames_(frames) {}

  Decision add(std::uint64_t frame, const Scores& scores) {
    const std::uint64_t scene = (frame - 1) / frames_;
    if (scene != scene_ || seen_ == 0) begin(scene);
    sum_.ng += scores.ng;
    sum_.ok += scores.ok;
    ++seen_;
    if (frame % frames_ != 0) return Decision::none;
    const bool whole = seen_ == frames_;
    if (!whole) ++incomplete_;
    seen_ = 0;
    return whole ? decide(sum_) : Decision::none;
  }

  // Scenes without a decision, because a frame was lost.
  std::uint64_t incomplete() const { return incomplete_; }

 private:
  void begin(std::uint64_t scene) {
    if (seen_ != 0) ++incomplete_;
    scene_ = scene;
    seen_ = 0;
    sum_ = {};
  }

  std::uint64_t frames_;
  std::uint64_t scene_ = 0;
  std::uint64_t seen_ = 0;
  std::uint64_t incomplete_ = 0;
  Scores sum_;
};

}  // namespace loopgate::inspection
