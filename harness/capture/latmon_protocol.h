// What latmus and latmon say to each other: a latency monitor on a microcontroller (Zephyr's
// samples/net/latmon, EVL's benchmarks) pulls a pin of the board under test, times the answer, and reports
// over TCP. Big-endian throughout:
//
//   to latmon     {u32 period in us, u32 cells}              starts it; a period of 0 stops it
//   from latmon   {i64 sum, u32 min, u32 max, u32 overruns, u32 samples}, in ns
//                                                            for each 1,000,000 / period samples, or fewer at
//                                                            the end
//                 the same with samples = 0                  no more of these follow
//                 cells x u32                                the histogram: 1 us a cell, all that is longer
//                 in the last
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

inline constexpr std::uint16_t latmon_port = 2306;
inline constexpr std::int64_t latmon_cell_ns = 1000;
// The limits that latmon itself accepts.
inline constexpr std::uint32_t latmon_longest_period_us = 1'000'000;
inline constexpr std::uint32_t latmon_most_cells = 1000;

struct LatmonRequest {
  std::uint32_t period_us = 1000;
  std::uint32_t cells = 200;

  std::uint32_t samples_a_record() const { return latmon_longest_period_us / period_us; }
};

inline constexpr LatmonRequest latmon_stop{0, 0};

std::array<char, 8> to_bytes(const LatmonRequest& request);

struct LatmonRecord {
  std::uint64_t sum_ns = 0;
  std::uint32_t min_ns = 0;
  std::uint32_t max_ns = 0;
  std::uint32_t overruns = 0;
  std::uint32_t samples = 0;
  bool operator==(const LatmonRecord&) const = default;
};

struct LatmonData {
  LatmonRequest request;
  std::vector<LatmonRecord> records;
  std::uint32_t overruns_at_end = 0;  // of the record without samples
  std::vector<std::uint32_t> histogram;
};

// As latmon would send it, up to and with the histogram.
std::string to_bytes(const LatmonData& data);

// Parses latmon's bytes, in portions of any size.
class LatmonReader {
 public:
  // `records_at_most`: the most records that fit the measuring time; more are refused.
  LatmonReader(const LatmonRequest& request, std::size_t records_at_most);

  // A data error for what no latmon says: a record with more samples than one holds, a mean outside of min
  // and max, a histogram of fewer samples than the records or of far more, bytes after the end.
  Status take(std::string_view bytes);

  bool finished() const { return part_ == Part::nothing; }
  const LatmonData& data() const { return data_; }

 private:
  enum class Part { records, histogram, nothing };
  Status take_record(const char* bytes);
  Status take_histogram(const char* bytes);
  std::size_t size_of_part() const;

  std::size_t records_at_most_;
  Part part_ = Part::records;
  std::string waiting_;  // the incomplete part
  LatmonData data_;
};

}  // namespace loopgate
