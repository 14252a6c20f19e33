#include "programs/result/cyclictest_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "programs/result/cyclictest_file.h"
#include "programs/result/histogram_rows.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

class CyclictestJson : public WholeFileReader {
 public:
  explicit CyclictestJson(ResultOptions options) : options_(std::move(options)) {}

 private:
  Result<SelfMeasurement> read(const std::string& text) override;

  ResultOptions options_;
};

Result<ThreadTally> tally_of(const CyclictestThread& thread, HistogramRows* rows) {
  ThreadTally tally;
  tally.name = thread.name;
  for (const auto& [latency, count] : thread.bins) {
    tally.add(latency, count);
    TRY_STATUS(rows->add(latency, count));
  }
  tally.overflow = thread.cycles - thread.binned;
  if (thread.cycles == 0) return tally;
  tally.min = thread.min;
  tally.max = thread.max;
  if (thread.mean > 0) tally.mean = thread.mean;
  return tally;
}

// The number above 0 that the command gives to an option, by one of its letters (-h60, -qmh 60) or by what
// its long name begins with, where it is not `not_this`.
std::optional<std::uint64_t> number_given(const std::string& command, const char* letters,
                                          std::string_view long_name, std::string_view not_this = {}) {
  std::optional<std::uint64_t> given;
  LineWords words(command);
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) {
    std::string_view value;
    if (word.starts_with(long_name) && (not_this.empty() || !word.starts_with(not_this))) {
      const auto equals = word.find('=');
      value = equals == std::string_view::npos ? words.next() : word.substr(equals + 1);
    } else if (word.size() > 1 && word[0] == '-' && word[1] != '-') {
      const auto option = word.find_first_of(letters);
      if (option == std::string_view::npos || !std::ranges::all_of(word.substr(1, option - 1), ::isalpha))
        continue;
      value = option + 1 == word.size() ? words.next() : word.substr(option + 1);
    }
    if (const auto number = whole_number(value); number && *number > 0) given = *number;
  }
  return given;
}

// It ends with 0 all the same (rt-tests 2.10, cyclictest.c: tracelimit). In the file's unit, as its
// latencies.
std::string why_stopped(const CyclictestFile& file) {
  const auto limit = number_given(file.command, "b", "--break");
  if (!limit) return {};
  for (const CyclictestThread& thread : file.threads)
    if (thread.cycles > 0 && thread.max > *limit) return stopped_at_own_limit(fmt::format("-b {}", *limit));
  return {};
}

std::string clock_of(const std::string& command) {
  if (command.empty()) return "CLOCK_MONOTONIC, unless it was told otherwise";
  std::vector<std::string> argv;
  LineWords words(command);
  for (std::string_view word = words.next(); !word.empty(); word = words.next()) argv.emplace_back(word);
  return cyclictest_clock(argv);
}

SelfMeasurement describe(const CyclictestFile& file) {
  SelfMeasurement measurement;
  measurement.program = "cyclictest";
  measurement.version = file.version;
  measurement.command = file.command;
  measurement.quantity = "from its timer's time to its thread";
  measurement.clock = clock_of(file.command);
  measurement.system = file.kernel + (file.real_time ? " (/sys/kernel/realtime is 1)" : "");
  measurement.preempt_rt = file.preempt_rt;
  measurement.exported_from = file.exported_from;
  measurement.load = file.load;
  if (file.return_code.value_or(0) != 0)
    measurement.why_invalid = fmt::format("cyclictest ended with {}, by its own file", *file.return_code);
  else
    measurement.why_invalid = why_stopped(file);
  return measurement;
}

Result<SelfMeasurement> CyclictestJson::read(const std::string& text) {
  TRY(file, parse_cyclictest_file(text));
  HistogramRows rows;
  std::vector<ThreadTally> tallies;
  bool has_histogram = false;
  for (const CyclictestThread& thread : file.threads) {
    if (!options_.wants(thread.name)) continue;
    TRY(tally, tally_of(thread, &rows));
    tallies.push_back(std::move(tally));
    has_histogram = has_histogram || !thread.bins.empty();
  }
  SelfMeasurement measurement = describe(file);
  RowShape shape{file.unit_ns, 1, std::nullopt};
  if (has_histogram) {
    shape.end = bins_of_cyclictest(measurement.command);
  } else {  // all of them lie between the smallest and the largest
    for (const ThreadTally& each : tallies)
      shape.end = std::min(shape.end.value_or(UINT64_MAX), each.min.value_or(0));
    measurement.remarks.emplace_back(
        "it has no histogram: each quantile is known to lie between the smallest and the largest latency");
  }
  TRY_STATUS(put_latencies(tallies, rows, shape, &measurement));
  return measurement;
}

}  // namespace

std::unique_ptr<ResultReader> read_cyclictest_json(ResultOptions options) {
  return std::make_unique<CyclictestJson>(std::move(options));
}

std::optional<std::uint64_t> bins_of_cyclictest(const std::string& command) {
  const auto bins = number_given(command, "hH", "--hist", "--histfile");  // --histogram, --histofall
  return bins ? std::optional(std::min(*bins, cyclictest_bins_max)) : std::nullopt;
}

}  // namespace loopgate
