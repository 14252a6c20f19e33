// The JSON file that cyclictest writes, of rt-tests 2.0 to 2.10: the one reader of it, whoever asks. A load's
// proof (load/cyclictest.cpp) and a program of a suite (measuring/cyclictest_program.cpp) demand more of it
// than somebody's file that is imported (cyclictest_json.cpp). Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "programs/options.h"
#include "programs/result/preempt_rt.h"

namespace loopgate {

inline constexpr std::uint64_t cyclictest_bins_max = 1'000'000;  // its HIST_MAX

// Latencies are in the file's unit, cut.
struct CyclictestThread {
  std::string name;
  std::uint64_t cycles = 0;
  bool has_histogram = false;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> bins = {};  // latency, how many
  std::uint64_t binned = 0;                                        // no more than `cycles`
  std::uint64_t min = 0;                                           // of a thread that made a cycle
  std::uint64_t max = 0;                                           // not below `min`
  double mean = 0;                                                 // 0 where the file has none
};

struct CyclictestFile {
  std::int64_t unit_ns = 1'000;
  std::vector<CyclictestThread> threads;  // one at least, by their numbers
  std::optional<std::int64_t> return_code = {};
  std::string version = {};  // empty where it does not tell, as those below
  std::string command = {};
  std::string kernel = {};
  bool real_time = false;  // /sys/kernel/realtime was 1
  PreemptRt preempt_rt = PreemptRt::not_told;
  std::string exported_from = {};  // the time base of a run of ours
  std::string load = {};           // of that run
};

// A data error where it is cut off, has words for numbers, or contradicts itself; what it says goes on from
// the name of the file.
Result<CyclictestFile> parse_cyclictest_file(const std::string& text);

// The latencies of all threads together, where cyclictest was told to keep `bins` of a unit each. A data
// error where a thread made no cycle or kept no histogram, or has a bin beyond those.
Result<LatencyHistogram> histogram_of(const CyclictestFile& file, std::size_t bins);

// Whether its command tells it to measure in nanoseconds, -N or --nsecs.
bool is_cyclictest_in_ns(const std::string& command);

// Why a file of that unit can't be of that command; empty where it can, and where no command is told.
std::string other_cyclictest_unit(const std::string& command, std::int64_t unit_ns);

// By its command's words: CLOCK_MONOTONIC, unless --clock says otherwise. A literal.
const char* cyclictest_clock(const std::vector<std::string>& words);

// Of all threads.
std::uint64_t cycles_of(const CyclictestFile& file);

// What such a file says of an option: it tells how many threads there were, and nothing of their priority.
std::optional<OptionReadBack> cyclictest_read_back(const ProgramOption& option, const std::string& text);

}  // namespace loopgate
