// The largest latency that the recorded windows can make of a stimulus: their longest, one behind the other.
//
// After rtsl (Bristot de Oliveira, Casini, R. de Oliveira, Cucinotta, ECRTS 2020, LIPIcs.ECRTS.2020.9), which
// bounds the scheduling latency of one thread, for the two hops of an answer: the line's irq thread, and the
// payload that it wakes. The least L with
//
//   L = interrupts off + hardirq + preemption off + scheduling + irq thread + payload wakeup + payload
//       + other interrupts(L) + other real-time tasks(L)
//
// The first and the third are the longest windows of the whole run, without the interrupts in them: whether a
// stimulus met them or not. The other five of the first line are the longest that any recorded sample took,
// without the interrupts and tasks of the last line in them, which are the most that the recorded ones took
// of any stretch of length L.
//
// Of the windows that were recorded no alignment to a stimulus can exceed it. It says nothing of code that
// did not run, nor of a lock that the payload's path waited for longer than in any sample.
#pragma once

#include <cstdint>
#include <vector>

#include "analysis/section_reader.h"
#include "base/result.h"
#include "explain/sample/moments.h"
#include "explain/symbols.h"
#include "record/worst_case.h"

namespace loopgate {

struct Bound {
  std::int64_t bound_ns = 0;
  std::vector<BoundTerm> terms;  // in the order of the formula; they add up to it
};

// `samples`: all that were answered and counted of the run whose windows were recorded. A usage error where
// there is none, the windows are of several CPUs, or the payload is of no real-time class, so that any task
// may run before it; a data error where the others take all time, so that there is no such L.
Result<Bound> compose_bound(const RecordedSections& sections, const std::vector<SampleMoments>& samples,
                            Symbols* symbols);

}  // namespace loopgate
