// The measured part of the loop, for loop.cpp and for the faulty loop of the tests.
#pragma once

#include "inspection/loop.h"
#include "protocol/clock_pair.h"

namespace loopgate::inspection {

template <class Fault>
LoopEnd Loop::run_with(const Fault& fault) {
  std::uint64_t expected = 1;
  for (;;) {
    std::uint64_t number = 0;
    const Arrival arrival = parts_.arrival->wait(&number);
    const std::int64_t woke_ns = now_ns();
    if (arrival == Arrival::stopped) return LoopEnd::stopped;
    if (arrival == Arrival::failed) return LoopEnd::arrival_failed;
    counts_.overruns += number - expected;
    expected = number + 1;
    ++counts_.events;
    if (!fault.answers(counts_.events)) continue;
    const LoopEnd end = handle(fault, fault.frame_of(counts_.events, number), woke_ns);
    if (end != LoopEnd::stopped) return end;
    parts_.models->handled(++counts_.frames);
  }
}

template <class Fault>
LoopEnd Loop::handle(const Fault& fault, std::uint64_t frame, std::int64_t woke_ns) {
  Model* const model = parts_.models->take(frame);
  FrameRecord record{};
  record.frame = frame;
  record.model = model->number;
  record.woke_ns = woke_ns;
  Scores scores;
  if (const LoopEnd end = infer(model, &record, &scores); end != LoopEnd::stopped) return end;
  counts_.inference.add(record.inferred_ns - record.preprocessed_ns);
  fault.before_decision();
  const Decision decision = fault.decision_of(counts_.frames + 1, fusion_.add(frame, scores));
  record.decision = static_cast<std::uint32_t>(decision);
  record.decided_ns = now_ns();
  return show(&record) ? LoopEnd::stopped : LoopEnd::verdict_failed;
}

}  // namespace loopgate::inspection
