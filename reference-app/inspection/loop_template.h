// The measured part of the loop, for loop.cpp and for the faulty loop of the tests.
#pragma once

#include "inspection/loop.h"
#include "inspection/preparing_thread.h"
#include "protocol/clock_pair.h"

namespace loopgate::inspection {

template <class Fault>
LoopEnd Loop::run_with(const Fault& fault) {
  const LoopEnd end = thread_ == nullptr ? run_here(fault) : run_beside(fault);
  counts_.events = preparation_.events();
  counts_.overruns = preparation_.overruns();
  return end;
}

template <class Fault>
LoopEnd Loop::run_here(const Fault& fault) {
  for (;;) {
    Part part;
    if (const auto end = preparation_.wait(fault, &part)) return *end;
    if (const auto end = preparation_.prepare(fault, &part, part.model->engine->picture().data()))
      return *end;
    part.record.preprocessed_ns = part.prepared_ns;
    if (const LoopEnd end = handle(fault, &part); end != LoopEnd::stopped) return end;
  }
}

template <class Fault>
LoopEnd Loop::run_beside(const Fault& fault) {
  thread_->begin(fault);
  LoopEnd end = LoopEnd::stopped;
  while (end == LoopEnd::stopped) {
    Part part;
    if (const auto last = take(&part)) {
      end = *last;
      break;
    }
    end = handle(fault, &part);
  }
  const int error = errno;
  thread_->end();
  errno = error;
  return end;
}

template <class Fault>
LoopEnd Loop::handle(const Fault& fault, Part* part) {
  FrameRecord& record = part->record;
  parts_.models->take(record.frame, part->model);
  record.model = part->model->number;
  Scores scores;
  if (const auto end = infer(part, &scores)) return *end;
  counts_.inference.add(record.inferred_ns - record.preprocessed_ns);
  fault.before_decision();
  const Decision decision = fault.decision_of(counts_.frames + 1, fusion_.add(record.frame, scores));
  record.decision = static_cast<std::uint32_t>(decision);
  record.decided_ns = now_ns();
  if (!show(&record)) return LoopEnd::verdict_failed;
  parts_.models->handled(++counts_.frames);
  return LoopEnd::stopped;
}

}  // namespace loopgate::inspection
