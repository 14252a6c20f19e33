// What of a sample a program like cyclictest could have seen, which waits for a timer and reads the clock
// when it runs: the way from a pin to a pin has parts that the way from a timer to its program has not. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "explain/sample/explained_sample.h"
#include "record/programs_file.h"
#include "stats/tail.h"

namespace loopgate {

// Whether a timer's way has a part of the pin's.
enum class OnTimersWay : std::uint8_t {
  too,      // the same happens to it
  its_own,  // it has one of its own, which takes another time
  none,     // it has none
};

// A part of the way. The payload's phases are parted where the payload is back in user space for the first
// time: a timer's program reads the clock there, and the payload begins to answer.
struct PathPart {
  const char* name;
  OnTimersWay timer = OnTimersWay::too;
  const char* why;
  std::int64_t ns = 0;
};

// The parts in their order; they add up to the latency.
std::vector<PathPart> timers_parts(const ExplainedSample& sample);
// How much of the sample has that kind.
std::int64_t sum_of(const std::vector<PathPart>& parts, OnTimersWay timer);

// A program that measured by itself beside the payload of the explained cell.
struct ProgramBeside {
  std::string name;
  LatencyRange median;
  LatencyRange max;
};

// Nothing where none ran, or where its figures cannot be believed.
std::optional<ProgramBeside> program_beside(const ProgramsFile& file);

// "9,123 ns of 18,790 ns no program like cyclictest can see, which waits for a timer: irq thread wakeup
// latency 2,748 ns, ...": numbers first.
std::string timers_sentence(const ExplainedSample& sample, const ProgramBeside& program);

// "too", "its own", "none": as explain.json has it.
const char* name_of(OnTimersWay timer);

}  // namespace loopgate
