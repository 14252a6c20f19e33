// Handles one part after the other: wait, capture, preprocess, infer, decide, record, show. Runs on the
// caller's thread; run() allocates, locks and prints nothing.
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
};

enum class LoopEnd { stopped, arrival_failed, camera_failed, engine_failed, verdict_failed };

// What the product's loop does wrong: nothing. Tests of the bench have a loop with planted faults
// (fixtures/planted/faulty_loop.h), which is built from the same template; here the hooks compile to nothing.
struct NoFault {
  static constexpr bool answers(std::uint64_t /*event*/) { return true; }
  static constexpr std::uint64_t frame_of(std::uint64_t /*event*/, std::uint64_t number) { return number; }
  static constexpr void before_decision() {}
  static constexpr Decision decision_of(std::uint64_t /*frame*/, Decision decision) { return decision; }
};

class Loop {
 public:
  Loop(const LoopParts& parts, const LoopOptions& options);
  virtual ~Loop() = default;

  // Everything except the pins and the records, on the camera's first frame, `runs` times. Not included in
  // the counts.
  LoopEnd warm_up(std::uint64_t runs);

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
  LoopEnd handle(const Fault& fault, std::uint64_t frame, std::int64_t woke_ns);
  // Fills in the record's times up to inferred_ns.
  LoopEnd infer(Model* model, FrameRecord* record, Scores* scores);
  bool show(FrameRecord* record);

  LoopParts parts_;
  Fusion fusion_;
  LoopCounts counts_;
  std::vector<std::uint8_t> frame_;
};

}  // namespace loopgate::inspection
