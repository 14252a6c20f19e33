// How long a program's path is: the instructions between its marks, by function and by whose they are, and
// which functions make the difference between two kernels. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "explain/symbols.h"
#include "explain/trace_reader.h"

namespace loopgate {

// Whose the instructions of a path are. They are counted whatever runs between the marks.
struct PathShares {
  std::uint64_t in_user_space = 0;  // the program's own
  std::uint64_t in_kernel = 0;      // on its behalf: system calls and faults
  std::uint64_t in_interrupts = 0;  // that nobody asked for, whichever task was interrupted
  std::uint64_t of_idle_task = 0;
  std::map<std::string, std::uint64_t> of_other_tasks = {};  // by their names

  bool operator==(const PathShares&) const = default;
};

// What the program itself says that an iteration takes.
struct PathFigure {
  double mean_ns = 0;
  std::int64_t clock_step_ns = 0;  // of the clock that it read
};

struct PathLength {
  std::string cell = {};
  std::string kernel = {};
  std::uint64_t iterations = 0;   // that the path holds, by the program's own word
  std::uint64_t timed_parts = 0;  // one an iteration; 0: all between the marks is timed
  std::int64_t window_ns = 0;     // that were timed: `instructions` and `idle_ns`, together
  std::int64_t idle_ns = 0;       // no instruction: the CPU waited for an interrupt
  std::uint64_t instructions = 0;
  std::map<std::string, std::uint64_t> functions = {};  // they add up to `instructions`
  PathShares shares = {};                               // and so do these
  std::uint64_t outside_instructions = 0;  // between the marks, and in no timed part: prepares and cleans up
  std::int64_t outside_idle_ns = 0;
  PathFigure figure = {};

  // What comes to one iteration.
  double each(double total) const { return total / static_cast<double>(iterations); }
  double instructions_each() const { return each(static_cast<double>(instructions)); }
  double idle_ns_each() const { return each(static_cast<double>(idle_ns)); }

  // By how much the figure is more than what was counted.
  double figure_more_ns() const { return figure.mean_ns - each(static_cast<double>(window_ns)); }
  // What of it is to be expected: the mark where timing ends (suites/primitives/timed.h).
  double marks_ns() const { return timed_parts != 0 ? 1 : each(1); }
  // Whether that is all, but for what the clock's steps make of a time.
  bool figure_agrees() const;
};

// All but where it was measured, and the figure. A data error where time passed in the window that no
// instruction explains, or the timed parts are not one an iteration.
Result<PathLength> path_length(const PathWindow& window, std::uint64_t iterations, Symbols* symbols);

// The function as its source names it: without what a compiler adds to the name of a copy, such as .isra.0,
// which another kernel's compiler does not.
std::string_view name_in_source(std::string_view function);

// A function's instructions an iteration.
struct PathDifference {
  std::string function;
  double here = 0;
  double there = 0;

  double more() const { return here - there; }
};

// Every function of either path, largest difference first. `there` may be null: then by the instructions
// here.
std::vector<PathDifference> path_differences(const PathLength& here, const PathLength* there);

}  // namespace loopgate
