#include "programs/measuring/rtla_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "programs/result/rtla_hist.h"

namespace loopgate {
namespace {

constexpr double rows_max = 100'000;
constexpr double default_rows = 256;

std::uint64_t rows_in(const std::vector<std::string>& argv) {
  const double rows = option_number(argv, {"-E", "--entries"}).value_or(default_rows);
  return static_cast<std::uint64_t>(std::clamp(rows, 1.0, rows_max));
}

}  // namespace

std::vector<std::string> rtla_options(const std::string& more) {
  return words_of(
      "-a --auto -c --cpus -C --cgroup -D --debug -e --event --filter -H --house-keeping -p --period "
      "-t --trace --trace-buffer-size --trigger --warm-up " +
      more);
}

Result<std::optional<SelfMeasurement>> rtla_measurement(const std::string& printed,
                                                        const std::vector<std::string>& argv,
                                                        const std::string& kind) {
  ResultOptions options;
  options.column = kind;
  options.rows = rows_in(argv);
  const auto reader = read_rtla_hist(options);
  if (auto taken = reader->take(printed); !taken) {
    if (taken.error().kind == ErrorKind::usage) return std::nullopt;  // it has no such column
    return tl::unexpected(taken.error());
  }
  // Without --no-summary it prints them; a table that ends before them was cut off.
  if (!line_with(printed, "max:")) return fail(ErrorKind::data, "its table was cut off: it has no max:");
  TRY(measurement, reader->finish());
  return measurement;
}

std::optional<ProgramResult> rtla_lost(const SelfMeasurement& measurement) {
  if (!measurement.why_invalid.empty()) return invalid_result(measurement.why_invalid);
  if (measurement.missed == 0) return std::nullopt;
  return result_of(ProgramVerdict::inconclusive,
                   fmt::format("it lost {}, whose latencies can be any",
                               counted_text(measurement.missed, {"event", "events"})));
}

std::optional<ProgramResult> rtla_ended_early(const ProgramEnd& end) {
  if (const auto line = complained(end, "Tracer "); line && line->ends_with("not found!"))
    return result_of(ProgramVerdict::not_applicable, std::string(*line));
  if (const auto line = complained(end, "hit stop tracing")) return failed_result(std::string(*line));
  return ended_badly(end);
}

}  // namespace loopgate
