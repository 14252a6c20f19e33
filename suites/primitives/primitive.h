// A primitive: something small that a kernel does, and how it is measured. There are two kinds.
//
// A *whole* iteration is timed (`void iterate()`): all of them at once, without a clock in between; then as
// many again, each by itself, for the histogram. So the mean is free of the clock's own path, and the
// histogram has one reading of it in each time.
//
// A *part* of an iteration is timed (`std::int64_t iterate()`, which returns that time), where an iteration
// has to prepare or to wait: Google Benchmark's mean and the histogram are of the very same times. Its edges
// are those of timed.h.
//
// Google Benchmark is told the time that we took: its own clock has what it does beside the iterations in it,
// which is another length on another kernel.
//
// A constructor prepares and may throw Refused; a destructor ends partners. begin_pass() and end_pass() are
// called around each pass of all iterations, outside of what is timed.
#pragma once

#include <benchmark/benchmark.h>

#include <concepts>
#include <cstdint>
#include <vector>

#include "protocol/clock_pair.h"
#include "settings.h"
#include "single_times.h"
#include "timed.h"

namespace loopgate::primitives {

struct Primitive {
  void begin_pass(std::int64_t /*iterations*/) {}
  void end_pass() {}
};

template <class P>
concept TimesPart = std::same_as<decltype(std::declval<P&>().iterate()), std::int64_t>;

// What one run of a program leaves.
struct Measured {
  SingleTimes singles;
  std::int64_t loop_ns = 0;  // all iterations of the first pass, from mark to mark
};

template <class P>
void measure(P& primitive, benchmark::State& state, std::int64_t iterations, Measured* measured) {
  primitive.begin_pass(iterations);
  while (state.KeepRunningBatch(iterations)) {
    const std::int64_t began = path_begins_ns();
    for (std::int64_t i = 0; i < iterations; ++i) {
      if constexpr (TimesPart<P>) {
        measured->singles.add(primitive.iterate());
      } else {
        primitive.iterate();
      }
    }
    measured->loop_ns = path_ends_ns() - began;
    const std::int64_t timed_ns = TimesPart<P> ? measured->singles.sum() : measured->loop_ns;
    state.SetIterationTime(1e-9 * static_cast<double>(timed_ns));
  }
  primitive.end_pass();
  if constexpr (!TimesPart<P>) {
    primitive.begin_pass(iterations);
    for (std::int64_t i = 0; i < iterations; ++i) {
      const std::int64_t began = now_ns();
      primitive.iterate();
      measured->singles.add(now_ns() - began);
    }
    primitive.end_pass();
  }
}

struct Traits {
  bool locks_memory = true;  // false where memory is what is measured
  bool real_time = false;    // it takes a priority to know who runs next
  bool slack = false;        // of SCHED_OTHER the kernel makes it wait longer than it is due
  bool deadline = false;     // it has no partners, so that it may be SCHED_DEADLINE
};

// One that the program knows by name.
struct Entry {
  const char* name;
  const char* what;  // one iteration, in words
  bool times_part;   // else whole iterations
  Traits traits;
  void (*run)(const Settings&, benchmark::State&, Measured*);
};

template <class P>
Entry entry(const char* name, const char* what, Traits traits = {}) {
  return {name, what, TimesPart<P>, traits,
          [](const Settings& settings, benchmark::State& state, Measured* measured) {
            P primitive(settings);
            measure(primitive, state, settings.iterations, measured);
          }};
}

// Each theme's, in the file of its name.
std::vector<Entry> calls();
std::vector<Entry> switches();
std::vector<Entry> wake_ups();
std::vector<Entry> locks();
std::vector<Entry> timers();
std::vector<Entry> signals();
std::vector<Entry> memory();
std::vector<Entry> processes();
std::vector<Entry> gpio();

}  // namespace loopgate::primitives
