// What a bound is composed of, told apart: each instant of the run belongs to an interrupt, to another
// real-time task, or to what it would be without them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/intervals.h"
#include "analysis/section_reader.h"
#include "base/result.h"
#include "explain/sample/moments.h"

namespace loopgate {

// An interrupt takes from its exception vector to its return, with the softirqs that it raised and runs.
struct BoundParts {
  std::vector<SectionRecord> irqs_off;     // without those of an interrupt; by their begins
  std::vector<SectionRecord> preempt_off;  // all; by their begins
  Intervals interrupts;                    // all
  Intervals others;                        // without the samples' own
  Intervals real_time;  // of tasks that may run before irq thread or payload; without any interrupt
  std::vector<std::string> real_time_names;  // whose these are, by falling time
  Intervals taken;                           // others and real_time

  // What of a stretch is neither another interrupt's nor another real-time task's.
  std::int64_t own_ns(std::int64_t begin_ns, std::int64_t end_ns) const {
    return end_ns - begin_ns - taken.within(begin_ns, end_ns);
  }
};

// As compose_bound().
Result<BoundParts> bound_parts(const RecordedSections& sections, const std::vector<SampleMoments>& samples);

// Null where none has the moment in it.
const SectionRecord* window_at(const std::vector<SectionRecord>& windows, std::int64_t moment_ns);

}  // namespace loopgate
