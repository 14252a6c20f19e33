// oslat of rt-tests: how long a busy loop was kept from running. Its last bin holds whatever was longer,
// which its JSON does not say; where it stops at its threshold it writes no JSON at all.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <limits>
#include <nlohmann/json.hpp>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace oslat {
namespace {

constexpr const char* clock = "the CPU's counter";
constexpr std::size_t default_bins = 32;
constexpr std::size_t bins_max = 1'024;
constexpr std::int64_t us = 1'000;
constexpr double us_max = 1e12;  // 12 days

struct Reading {
  LatencyHistogram histogram;
  double min = 0, max = 0, duration_s = 0;
};

// Latencies are rounded up to a microsecond, and the bin that is called N holds those of N - 1: from N - 2
// us, excluded, to N - 1 us.
LatencyHistogram empty_histogram(std::size_t bins) {
  LatencyHistogram histogram;
  histogram.bin_width_ns = histogram.resolution_ns = us;
  histogram.first_ns = 1 - us;
  histogram.count.resize(bins - 1);  // the last one is what is beyond
  return histogram;
}

std::int64_t rounded_up_ns(double of_us) { return (static_cast<std::int64_t>(of_us) - 1) * us + 1; }

Status add_bins(const JsonThread& thread, LatencyHistogram* histogram) {
  const auto bins = thread.fields->find("histogram");
  if (bins == thread.fields->end() || !bins->is_object() || bins->empty())
    return fail(ErrorKind::data, fmt::format("its JSON file's thread {} has no histogram", thread.number));
  for (const auto& [name, count] : bins->items()) {
    std::size_t label = 0;
    const char* end = name.data() + name.size();
    const auto [parsed, error] = std::from_chars(name.data(), end, label);
    const bool known =
        error == std::errc() && parsed == end && label >= 1 && label <= histogram->count.size() + 1;
    if (!known || !count.is_number_unsigned() || count.get<std::uint64_t>() > 1ULL << 55U)
      return fail(ErrorKind::data, fmt::format("its JSON file's thread {} has a bin \"{}\" that cannot be",
                                               thread.number, name));
    (label > histogram->count.size() ? histogram->overflow : histogram->count[label - 1]) +=
        count.get<std::uint64_t>();
  }
  return {};
}

// "     Maximum:	 15 9 (us)", a number for each core.
Result<double> printed_maximum(const ProgramEnd& end) {
  const auto line = line_with(end.printed, "Maximum:");
  LineScan scan(line.value_or(""));
  scan.text("Maximum:");
  double most = 0, each = 0;
  int numbers = 0;
  for (LineScan ahead = scan; ahead.number(&each).good(); scan = ahead, ++numbers)
    most = std::max(most, each);
  if (!line || numbers == 0 || !scan.text("(us)").at_end())
    return fail(ErrorKind::data, "it did not print its maximum");
  return most;
}

Result<Reading> read(const ProgramEnd& end, std::size_t bins) {
  TRY(document, rt_tests_json(end));
  TRY(threads, threads_in(document));
  Reading seen{empty_histogram(bins)};
  seen.min = us_max;
  seen.duration_s = std::numeric_limits<double>::max();
  for (const JsonThread& thread : threads) {
    const auto min = number_in(*thread.fields, "min");
    const auto max = number_in(*thread.fields, "max");
    const auto duration = number_in(*thread.fields, "duration");
    if (!min || !max || !duration || *min > *max || *max > us_max)
      return fail(ErrorKind::data, fmt::format("its JSON file's thread {} lacks its figures", thread.number));
    TRY_STATUS(add_bins(thread, &seen.histogram));
    seen.min = std::min(seen.min, *min);
    seen.max = std::max(seen.max, *max);
    seen.duration_s = std::min(seen.duration_s, *duration);
  }
  TRY(printed, printed_maximum(end));
  if (printed != seen.max)
    return fail(ErrorKind::data,
                fmt::format("it printed {} us as its maximum, and wrote {}", printed, seen.max));
  seen.histogram.min_ns = rounded_up_ns(seen.min);
  seen.histogram.max_ns = rounded_up_ns(seen.max);
  return seen;
}

class Oslat : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "oslat",
        .command = {"oslat"},
        .last = {"--quiet", "--json", "{file}"},
        .duration = "--duration",
        .priority = "--rtprio",
        .aliases = {"-D", "-f"},
        .options =
            words_of("-b --bucket-size -c --cpu-list -C --cpu-main-thread -m --workload-mem -q --quiet "
                     "-s --single-preheat -T --trace-threshold -w --workload"),
        .numbers = {"-b", "--bucket-size"},
        .refused = {"-B", "--bias", "-W", "--bucket-width", "-z", "--zero-omit"}};  // other bins than these
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (const auto line = complained(end, "Trace threshold ("); line && end.status == 1)
      return failed_result(std::string(*line));
    if (auto bad = ended_badly(end)) return *bad;
    const double asked = option_number(argv, {"-b", "--bucket-size"}).value_or(default_bins);
    const auto bins = static_cast<std::size_t>(std::clamp(asked, 2.0, static_cast<double>(bins_max)));
    auto seen = read(end, bins);
    if (!seen) return invalid_result(seen.error().what);
    const double wanted_s = option_number(argv, {"-D", "--duration"}).value_or(0);
    if (seen->duration_s < wanted_s)
      return invalid_result(fmt::format("it ran for {} of {} s", seen->duration_s, wanted_s));
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {{"min", seen->min, "us", clock, 1, true},
                      {"max", seen->max, "us", clock, 1, true},
                      {"duration", seen->duration_s, "s", clock, 0},
                      count_figure("overflows", seen->histogram.overflow, "loops")};
    result.histogram = std::move(seen->histogram);
    result.clock = clock;
    return result;
  }
};

}  // namespace
}  // namespace oslat

const MeasuringProgram& oslat_program() {
  static const oslat::Oslat program;
  return program;
}

}  // namespace loopgate
