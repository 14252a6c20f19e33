// The stages before the network: waits for a part, captures its frame and makes the network's picture of it.
// Nothing here allocates, locks or prints.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "inspection/frame_source.h"
#include "inspection/model_exchange.h"
#include "inspection/part.h"
#include "inspection/pins.h"
#include "protocol/clock_pair.h"

namespace loopgate::inspection {

// Owned by the caller.
struct PreparationParts {
  ArrivalPin* arrival = nullptr;
  FrameSource* camera = nullptr;
  ModelExchange* models = nullptr;
};

class Preparation {
 public:
  explicit Preparation(const PreparationParts& parts)
      : parts_(parts), frame_(static_cast<std::size_t>(parts.camera->size().bytes())) {}

  // Waits for the next part. Nothing: `*part` is it. Else: how the loop ends.
  template <class Fault>
  std::optional<LoopEnd> wait(const Fault& fault, Part* part) {
    for (;;) {
      std::uint64_t number = 0;
      const Arrival arrival = parts_.arrival->wait(&number);
      part->record.woke_ns = now_ns();
      if (arrival == Arrival::stopped) return LoopEnd::stopped;
      if (arrival == Arrival::failed) return LoopEnd::arrival_failed;
      overruns_ += number - expected_;
      expected_ = number + 1;
      if (!fault.answers(++events_)) continue;
      part->record.frame = fault.frame_of(events_, number);
      part->model = parts_.models->offered();
      return {};
    }
  }

  // Captures the part's frame and writes the picture of it.
  template <class Fault>
  std::optional<LoopEnd> prepare(const Fault& fault, Part* part, std::int8_t* picture) {
    if (!parts_.camera->capture(part->record.frame, part->record.woke_ns, frame_.data()))
      return LoopEnd::camera_failed;
    part->record.captured_ns = now_ns();
    if (!fault.keeps_picture(events_)) part->model->preprocess->run(frame_.data(), picture);
    part->prepared_ns = now_ns();
    return {};
  }

  std::uint64_t events() const { return events_; }
  std::uint64_t overruns() const { return overruns_; }

 private:
  PreparationParts parts_;
  std::vector<std::uint8_t> frame_;
  std::uint64_t expected_ = 1;
  std::uint64_t events_ = 0;
  std::uint64_t overruns_ = 0;
};

}  // namespace loopgate::inspection
