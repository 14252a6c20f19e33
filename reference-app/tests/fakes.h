// Pins and cameras that are nothing but a test's.
#pragma once

#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/engines.h"
#include "inspection/frame_source.h"
#include "inspection/model.h"
#include "inspection/pins.h"
#include "tests/model_fixture.h"

namespace loopgate::inspection {

// Edges with these numbers, then told to stop. Before each, `before` is called with its place in the list.
class FakeArrival : public ArrivalPin {
 public:
  explicit FakeArrival(std::vector<std::uint64_t> numbers, Arrival end = Arrival::stopped)
      : numbers_(std::move(numbers)), end_(end) {}

  Arrival wait(std::uint64_t* number) override {
    if (before) before(next_);
    if (next_ == numbers_.size()) return end_;
    *number = numbers_[next_++];
    return Arrival::part;
  }

  void stop() override {}

  std::function<void(std::size_t)> before;

 private:
  std::vector<std::uint64_t> numbers_;
  Arrival end_;
  std::size_t next_ = 0;
};

inline std::vector<std::uint64_t> first_numbers(std::uint64_t count) {
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t i = 1; i <= count; ++i) numbers.push_back(i);
  return numbers;
}

// Uniform frames: bright (a good part for the brightness model) if the frame's number is odd.
class FakeCamera : public FrameSource {
 public:
  FrameSize size() const override { return camera_frame; }
  bool capture(std::uint64_t frame, std::int64_t, std::uint8_t* pixels) override {
    if (frame == fail_at) return false;
    std::memset(pixels, frame % 2 == 1 ? 230 : 20, static_cast<std::size_t>(camera_frame.pixels()));
    return true;
  }
  std::string problem() const override { return "the fake camera is broken"; }

  std::uint64_t fail_at = 0;
};

class FakeVerdict : public VerdictPins {
 public:
  FakeVerdict() { shown.reserve(1000); }  // the loop that calls it must not allocate

  bool show(Decision decision) override {
    if (shown.size() == fail_after) return false;
    shown.push_back(decision);
    if (during) during(decision);
    return true;
  }

  std::vector<Decision> shown;
  std::size_t fail_after = 1000;
  std::function<void(Decision)> during;
};

// A model that says OK for bright frames; `threshold` above 1: for none.
inline std::unique_ptr<Model> brightness(float threshold = 0.5F) {
  std::unique_ptr<Model> model =
      std::move(*model_of(bytes_of(brightness_model(threshold)), "m", {built_engines().front(), {}, {}}));
  static_cast<void>(look_at(model.get(), camera_frame));
  return model;
}

}  // namespace loopgate::inspection
