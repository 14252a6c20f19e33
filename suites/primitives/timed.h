// The clock at the two edges of what is timed, with the mark beside it (target/path_marks.h): so what
// `loopgate explain --program` counts is what the figure is of.
//
// Each is a function of its own, and all are alike but for the mark: the instructions from the mark to the
// reading of the clock are as many at the begin as at the end. Those of the begin are in the path and not in
// the time, those of the end the other way round, and the one instruction that the time has more is the mark
// of the end. That is what the marks cost, on every kernel: 1 instruction of a part, and of whole iterations
// 1 of all of them together (measured on generic and preempt-rt of arm64: 1.0, where the clock's steps of
// 16 ns come out even).
#pragma once

#include <cstdint>

#include "protocol/clock_pair.h"
#include "target/path_marks.h"

namespace loopgate::primitives {

// All iterations.
[[gnu::noinline]] inline std::int64_t path_begins_ns() {
  target::path_begins();
  return now_ns();
}
[[gnu::noinline]] inline std::int64_t path_ends_ns() {
  target::path_ends();
  return now_ns();
}

// The timed part of an iteration. It may end on another thread.
[[gnu::noinline]] inline std::int64_t part_begins_ns() {
  target::part_begins();
  return now_ns();
}
[[gnu::noinline]] inline std::int64_t part_ends_ns() {
  target::part_ends();
  return now_ns();
}

// A part that begins `interval_ns` after the time that is returned, whatever runs then.
[[gnu::noinline]] inline std::int64_t part_begins_after_ns(std::int64_t interval_ns) {
  target::part_begins_in(interval_ns);
  return now_ns();
}

}  // namespace loopgate::primitives
