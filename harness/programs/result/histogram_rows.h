// Rows of a histogram, as programs print them: a row begins at a latency and holds how many. Sums them up in
// the memory of the rows that hold any, and makes bins of them. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "programs/result/self_measurement.h"

namespace loopgate {

// Rows that hold any; cyclictest has a million at the most.
inline constexpr std::size_t histogram_rows_max = 1'000'000;
inline constexpr std::uint64_t latency_units_max = 1ULL << 52U;  // 52 days in ns; sums and products of it fit
inline constexpr std::uint64_t latency_count_max = 1ULL << 44U;  // as stats/tail.h counts

class HistogramRows {
 public:
  // Rows of one beginning are added up. A data error for what can't be, and for too many rows.
  Status add(std::uint64_t begin, std::uint64_t count);

  std::uint64_t count() const { return count_; }
  // Each beginning once, in order, with what it holds; without rows that hold none.
  std::vector<std::pair<std::uint64_t, std::uint64_t>> sorted() const;
  // Of all rows, those that hold none as well: the greatest number that divides every beginning; 0 where
  // there is no other than 0.
  std::uint64_t step() const { return step_; }
  std::optional<std::uint64_t> last_begin() const { return last_begin_; }
  bool has_empty_rows() const { return has_empty_rows_; }

 private:
  std::vector<std::pair<std::uint64_t, std::uint64_t>> rows_;
  std::uint64_t count_ = 0;
  std::uint64_t step_ = 0;
  std::optional<std::uint64_t> last_begin_;
  bool has_empty_rows_ = false;
};

// Programs print their rows in order, each once: one that is there twice, or out of its place, was put there
// by somebody, as where two files were joined. A data error that names the line; `last` is the row before,
// and becomes this one.
Status check_rises(std::uint64_t begin, std::uint64_t line, std::optional<std::uint64_t>* last);

// Of what a reader has read of one thread.
struct ThreadTally {
  std::string name;
  std::uint64_t binned = 0;
  std::optional<std::uint64_t> first;  // beginning of the first and the last row that holds any
  std::optional<std::uint64_t> last;
  std::uint64_t overflow = 0;
  std::uint64_t overflow_unsure = 0;  // of them
  std::optional<std::uint64_t> min;
  std::optional<std::uint64_t> max;
  std::optional<double> mean;  // of all, rounded to no more than the unit
  double binned_sum = 0;       // of the beginnings

  void add(std::uint64_t begin, std::uint64_t count);
};

// How the rows of a file are to be read, in its unit.
struct RowShape {
  std::int64_t unit_ns = 1'000;
  std::uint64_t width = 1;             // 0: not told, and no more than the rows' step
  std::optional<std::uint64_t> end{};  // of the last bin, where it is told
};

// The threads, and the latencies of all of them, into a measurement that says the rest. A data error where a
// thread measured nothing, or where the smallest, the largest, the mean or the number of its latencies
// contradict its rows.
//
// Bins are never narrower than the truth may be. Where latencies are beyond the last bin and its end is not
// told, it is that of the last row, or its beginning.
Status put_latencies(const std::vector<ThreadTally>& threads, const HistogramRows& rows,
                     const RowShape& shape, SelfMeasurement* measurement);

}  // namespace loopgate
