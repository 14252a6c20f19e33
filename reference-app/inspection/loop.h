// Handles one part after the other: wait, capture, preprocess, infer, decide, record, show. Runs on the
// caller's thread, but for the first three where a thread of their own has them; run() allocates and prints
// nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>

#include "inspection/decision.h"
#include "inspection/frame_source.h"
#include "inspection/model_exchange.h"
#include "inspection/part.h"
#include "inspection/pins.h"
#include "inspection/preparation.h"
#include "inspection/record_file.h"

namespace loopgate::inspection {

class PreparingThread;

struct LoopOptions {
  std::uint64_t fuse = 1;  // this many frames make one decision
};

// The parts that the loop uses; its caller owns them. `records` may be null.
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
  std::uint64_t frames = 0;     // handled completely
  std::uint64_t decisions = 0;  // shown
  std::uint64_t ok = 0;
  std::uint64_t ng = 0;
  std::uint64_t overruns = 0;  // lost edges: gaps in the pin's sequence numbers
  Durations inference;
  Durations hand_over;  // from a picture's being ready to the network's having it; none on one thread
};

class Loop {
 public:
  Loop(const LoopParts& parts, const LoopOptions& options);
  virtual ~Loop() = default;

  // Everything except the pins and the records, on the camera's first frame, `runs` times. Not included in
  // the counts.
  LoopEnd warm_up(std::uint64_t runs);

  // Parts come prepared from this thread, which is started, in place of being prepared here.
  void take_from(PreparingThread* thread) { thread_ = thread; }
  Preparation* preparation() { return &preparation_; }

  // The engine alone, `runs` calls on the picture of the last warm-up.
  Durations time_engine(std::uint64_t runs);

  virtual LoopEnd run();

  const LoopCounts& counts() const { return counts_; }
  std::uint64_t incomplete_scenes() const { return fusion_.incomplete(); }

 protected:
  // Defined in inspection/loop_template.h.
  template <class Fault>
  LoopEnd run_with(const Fault& fault);

 private:
  template <class Fault>
  LoopEnd run_here(const Fault& fault);
  template <class Fault>
  LoopEnd run_beside(const Fault& fault);
  template <class Fault>
  LoopEnd handle(const Fault& fault, Part* part);
  std::optional<LoopEnd> take(Part* part);
  // On the picture that the model's engine has.
  std::optional<LoopEnd> infer(Part* part, Scores* scores);
  bool show(FrameRecord* record);

  LoopParts parts_;
  Preparation preparation_;
  PreparingThread* thread_ = nullptr;
  Fusion fusion_;
  LoopCounts counts_;
};

}  // namespace loopgate::inspection
