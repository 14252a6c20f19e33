// What a program of suites/primitives keeps beside Google Benchmark's mean: the times of single iterations as
// a histogram, and what its reader needs to hold the two against each other. The program writes it to a file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

inline constexpr const char* times_parts = "part";  // of each iteration: the mean is of the very same times
inline constexpr const char* times_whole_ones =
    "whole";  // with a reading of the clock in each, and none in the mean

// Times are of `clock`. Bin i holds from `min_ns` + i * `bin_width_ns` to below the next; `bin` names those
// that hold any, in rising order from 0 on, and `count` says how many.
struct SingleTimesFile {
  std::int64_t iterations = 0;
  std::string clock;
  std::int64_t resolution_ns = 1;  // the clock's steps
  std::int64_t min_ns = 0;
  std::int64_t max_ns = 0;
  std::int64_t sum_ns = 0;
  std::int64_t bin_width_ns = 1;
  std::vector<std::int64_t> bin;
  std::vector<std::int64_t> count;
  std::string primitive;
  std::string times;  // times_parts or times_whole_ones
  std::string policy;
  bool idle = false;         // nothing runs for a while in what is timed
  std::int64_t loop_ns = 0;  // all iterations, by the clock beside the marks

  bool operator==(const SingleTimesFile&) const = default;
};

std::string to_json(const SingleTimesFile& file);

// A data error where a key is missing, or it holds what cannot be: of its sums nothing is said.
Result<SingleTimesFile> parse_single_times(std::string_view text, const std::string& name);

}  // namespace loopgate
