// One part after the other: wait, capture, preprocess, infer, decide, record, show. On the caller's thread;
// from run()'s begin to its end nothing is allocated, locked or printed.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

#include "inspection/decision.h"
#include "inspection/frame_source.h"
#include "inspection/model_exchange.h"
#include "inspection/pins.h"
#include "inspection/record_file.h"

namespace loopgate::inspection {

struct LoopOptions {
  std::uint64_t fuse = 1;  // so many frames make one decision
  // For tests of the bench itself; 0: off.
  std::uint64_t delay_instructions = 0;
  std::uint64_t mute_after = 0;      // after so many events: only count them
  std::uint64_t die_after = 0;       // abort
  std::uint64_t wrong_after = 0;     // decide the opposite
  std::uint64_t previous_after = 0;  // handle the frame before the one that arrived
};

// What the loop works with; whoever runs it owns them. `records` may be missing.
struct LoopParts {
  ArrivalPin* arrival = nullptr;
  FrameSource* camera = nullptr;
  ModelExchange* models = nullptr;
  VerdictPins* verdict = nullptr;
  RecordFile* records = nullptr;
};

struct Durations {
  std::uint64_t count = 0;
  std::int64_t sum_ns = 0;
  std::int64_t least_ns = std::numeric_limits<std::int64_t>::max();
  std::int64_t most_ns = 0;

  void add(std::int64_t ns) {
    ++count;
    sum_ns += ns;
    least_ns = std::min(least_ns, ns);
    most_ns = std::max(most_ns, ns);
  }
};

struct LoopCounts {
  std::uint64_t events = 0;
  std::uint64_t frames = 0;     // handled to the end
  std::uint64_t decisions = 0;  // shown
  std::uint64_t ok = 0;
  std::uint64_t ng = 0;
  std::uint64_t overruns = 0;  // edges that were lost: gaps in the pin's numbers
  Durations inference;
};

enum class LoopEnd { stopped, arrival_failed, camera_failed, engine_failed, verdict_failed };

class Loop {
 public:
  Loop(const LoopParts& parts, const LoopOptions& options);

  // Everything but the pins and the records, on the camera's first frame, `runs` times. What is measured here
  // is not counted.
  LoopEnd warm_up(std::uint64_t runs);

  // The engine alone, `runs` calls on the picture of the last warm-up.
  Durations time_engine(std::uint64_t runs);

  LoopEnd run();

  const LoopCounts& counts() const { return counts_; }
  std::uint64_t incomplete_scenes() const { return fusion_.incomplete(); }

 private:
  LoopEnd handle(std::uint64_t frame, std::int64_t woke_ns);
  // Fills the record's times up to inferred_ns.
  LoopEnd infer(Model* model, FrameRecord* record, Scores* scores);
  Decision decide_frame(const FrameRecord& record, const Scores& scores);
  bool show(FrameRecord* record);

  LoopParts parts_;
  LoopOptions options_;
  Fusion fusion_;
  LoopCounts counts_;
  std::vector<std::uint8_t> frame_;
  std::vector<std::int8_t> picture_;
};

}  // namespace loopgate::inspection
