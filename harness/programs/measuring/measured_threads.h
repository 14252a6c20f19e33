// What cyclictest, cyclicdeadline and signaltest have in common: each thread's cycles and latencies stand in
// a file, and once more in lines that they print. (cyclictest's file has more: cyclictest_file.h.)
#pragma once

#include "programs/measuring/program_text.h"

namespace loopgate {

struct ThreadCycles {
  std::uint64_t cycles = 0;
  double min = 0, mean = 0, max = 0;
};

// "T: 0 (  149) I:10000 C:    101 Min:      1 Act:    1 Avg:    0 Max:       5": by the thread's number, the
// last line of each.
std::map<std::size_t, double> printed_thread_maxima(const std::string& text);

// Of the file, in order. Kind: data. A thread without a cycle has no figures, which is none.
Result<std::vector<ThreadCycles>> measured_threads(const nlohmann::json& document);

// Whether the lines say what the file says. Kind: data.
Status check_printed(const std::vector<ThreadCycles>& threads, const std::map<std::size_t, double>& maxima);

// All threads as one, and the fewest cycles that one of them made.
struct ThreadTotal {
  ThreadCycles all;
  std::uint64_t fewest = 0;
};
ThreadTotal total_of(const std::vector<ThreadCycles>& threads);

// `factor`: how many us a unit of the figures is.
std::vector<ProgramFigure> figures_of(const ThreadCycles& all, const char* clock, double factor = 1);

}  // namespace loopgate
