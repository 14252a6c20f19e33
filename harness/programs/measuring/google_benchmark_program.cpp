// A program of Google Benchmark that keeps a histogram of single iterations beside it, as /bin/primitives of
// suites/primitives/ does: JSON of the library on standard output, and an object of the program's own in a
// file. Google Benchmark exits with 0 whatever became of a benchmark ("error_occurred"), so that the two are
// held against each other and against what was asked for.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "programs/measuring/program_text.h"
#include "programs/result/result_json.h"
#include "programs/result/self_measurement.h"
#include "protocol/single_times.h"

namespace loopgate {
namespace google_benchmark {
namespace {

using nlohmann::json;

constexpr int status_not_applicable = 7;                     // target/service.h
constexpr std::int64_t time_ns_max = 1'000'000'000'000'000;  // 11 days
constexpr double rounding = 1e-6;                            // of a mean that went through seconds

// What Google Benchmark says of the one benchmark that ran.
struct Whole {
  std::string name;
  std::int64_t iterations = 0;
  double mean_ns = 0;
};

Result<json> its_json(const ProgramEnd& end) {
  json document = parse_json(end.printed);
  if (!document.is_object())
    return fail(ErrorKind::data, "it printed no JSON object of Google Benchmark: it was cut off or altered");
  if (const std::string twice = key_given_twice(end.printed); !twice.empty())
    return fail(ErrorKind::data,
                fmt::format("Google Benchmark's JSON has the key \"{}\" in one object twice", shown(twice)));
  return document;
}

Result<Whole> read_whole(const ProgramEnd& end) {
  TRY(document, its_json(end));
  const auto benchmarks = document.find("benchmarks");
  if (benchmarks == document.end() || !benchmarks->is_array() || benchmarks->size() != 1)
    return fail(ErrorKind::data, "Google Benchmark's JSON is not of one benchmark");
  const json& one = benchmarks->front();
  if (!one.is_object()) return fail(ErrorKind::data, "Google Benchmark's JSON is not of one benchmark");
  for (const char* key : {"error_occurred", "skipped"})
    if (const auto found = one.find(key); found != one.end() && *found != false)
      return fail(ErrorKind::data, fmt::format("Google Benchmark says {}: {}", key,
                                               one.value("error_message", json("no reason")).dump()));
  const auto name = one.find("run_name"), unit = one.find("time_unit"), iterations = one.find("iterations");
  const auto mean = number_in(one, "real_time");
  const bool complete = name != one.end() && name->is_string() && iterations != one.end() &&
                        iterations->is_number_integer() && mean && *mean > 0 &&
                        *mean < static_cast<double>(time_ns_max);
  if (!complete || one.value("run_type", json()) != "iteration")
    return fail(ErrorKind::data, "Google Benchmark's JSON lacks its run_name, iterations or real_time");
  if (unit == one.end() || *unit != "ns")
    return fail(ErrorKind::data, "Google Benchmark's times are not in ns: leave --benchmark_time_unit out");
  return Whole{name->get<std::string>(), iterations->get<std::int64_t>(), *mean};
}

Result<SingleTimesFile> read_singles(const ProgramEnd& end) {
  if (!end.file || end.file->empty())
    return fail(ErrorKind::data, "it left no histogram of single iterations");
  return parse_single_times(*end.file, "its histogram");
}

LatencyHistogram histogram_of(const SingleTimesFile& seen) {
  LatencyHistogram histogram;
  histogram.first_ns = seen.min_ns;
  histogram.bin_width_ns = seen.bin_width_ns;
  histogram.resolution_ns = seen.resolution_ns;
  histogram.min_ns = seen.min_ns;
  histogram.max_ns = seen.max_ns;
  histogram.count.resize(static_cast<std::size_t>(seen.bin.back()) + 1);
  for (std::size_t i = 0; i < seen.bin.size(); ++i)
    histogram.count[static_cast<std::size_t>(seen.bin[i])] = static_cast<std::uint64_t>(seen.count[i]);
  return histogram;
}

// The histogram's sums against its own counts.
Status check_sums(const SingleTimesFile& seen) {
  double least = 0, most = 0;
  std::int64_t total = 0;
  for (std::size_t i = 0; i < seen.bin.size(); ++i) {
    const double from = static_cast<double>(seen.min_ns) +
                        static_cast<double>(seen.bin[i]) * static_cast<double>(seen.bin_width_ns);
    const auto count = static_cast<double>(seen.count[i]);
    total += seen.count[i];
    least += count * from;
    most += count * (from + static_cast<double>(seen.bin_width_ns - 1));
  }
  if (total != seen.iterations)
    return fail(ErrorKind::data,
                fmt::format("its histogram has {} iterations, and says {}", total, seen.iterations));
  const auto sum = static_cast<double>(seen.sum_ns);
  if (sum < least || sum > most)
    return fail(ErrorKind::data,
                fmt::format("its histogram's times are from {:.0f} to {:.0f} ns together, and "
                            "it says {}",
                            least, most, seen.sum_ns));
  if ((seen.max_ns - seen.min_ns) / seen.bin_width_ns != seen.bin.back())
    return fail(ErrorKind::data,
                fmt::format("its longest time of {} ns is not in its histogram's last bin", seen.max_ns));
  return {};
}

// Whole iterations hold their single times, each with a reading of the clock less or more.
constexpr double whole_least = 0.5;

// The two against each other. Where parts of iterations are timed, both are of the same times. Where whole
// ones are, Google Benchmark was told what the program's clock saw; in files of earlier programs it read a
// clock of its own within that, and so saw less.
Status check_against(const Whole& whole, const SingleTimesFile& seen) {
  if (whole.iterations != seen.iterations)
    return fail(ErrorKind::data, fmt::format("Google Benchmark counts {} iterations, and its histogram {}",
                                             whole.iterations, seen.iterations));
  if (!whole.name.starts_with(seen.primitive + "/"))
    return fail(ErrorKind::data, fmt::format("Google Benchmark ran {}, and its histogram is of {}",
                                             whole.name, seen.primitive));
  const auto sum = static_cast<double>(seen.sum_ns);
  const double by_mean = whole.mean_ns * static_cast<double>(whole.iterations);
  const bool too_long = by_mean > static_cast<double>(seen.loop_ns + seen.resolution_ns) + 1;
  const bool too_short = by_mean < sum * whole_least;
  if (seen.times == times_parts ? std::abs(by_mean - sum) > rounding * sum + 1 : too_long || too_short)
    return fail(
        ErrorKind::data,
        fmt::format(
            "Google Benchmark's mean is {:.6g} ns, and the program's clock saw {} ns in {} iterations",
            whole.mean_ns, seen.times == times_parts ? seen.sum_ns : seen.loop_ns, seen.iterations));
  return {};
}

Status check_as_asked(const std::vector<std::string>& argv, const SingleTimesFile& seen) {
  if (const auto asked = option_number(argv, {"--iterations"});
      asked && *asked != static_cast<double>(seen.iterations))
    return fail(ErrorKind::data, fmt::format("it ran {} of {:.0f} iterations", seen.iterations, *asked));
  return {};
}

// What was not there for it, by its own words and by the loader's, which cannot tell of itself by a status of
// its own.
std::optional<std::string> what_it_lacked(const ProgramEnd& end) {
  if (end.status == status_not_applicable) return complained(end, "primitives: ");
  if (end.status != 127 && end.status != 1) return std::nullopt;
  for (const char* words : {"error while loading shared libraries:", "(required by "})
    if (auto line = complained(end, words)) return line;
  return std::nullopt;
}

class GoogleBenchmark : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "google-benchmark",
        .command = {"primitives"},
        .last = {"--benchmark_format=json", "--histogram", "{file}"},
        .loops = "--iterations",
        .priority = "--priority",
        .policy = "--policy",
        .deadline = true,
        .options = {"--chip", "--line"},
        .refused = {"--benchmark_out", "--benchmark_repetitions", "--benchmark_filter",
                    "--benchmark_time_unit", "--benchmark_list_tests", "--benchmark_dry_run"},
        .needs = {.libraries = {"libbenchmark.so"}},
        .marks_path = true};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (const auto lacked = what_it_lacked(end)) return result_of(ProgramVerdict::not_applicable, *lacked);
    if (auto bad = ended_badly(end)) return *bad;
    const auto whole = read_whole(end);
    if (!whole) return invalid_result(whole.error().what);
    const auto seen = read_singles(end);
    if (!seen) return invalid_result(seen.error().what);
    for (const Status& checked :
         {check_sums(*seen), check_against(*whole, *seen), check_as_asked(argv, *seen)})
      if (!checked) return invalid_result(checked.error().what);
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {
        {"mean", whole->mean_ns, "ns", seen->clock, 0},
        count_figure("iterations", static_cast<std::uint64_t>(whole->iterations), "iterations")};
    result.histogram = histogram_of(*seen);
    result.clock = seen->clock;
    return result;
  }

  // What lies idle in an iteration is time, and no path.
  std::string path_figure(const ProgramEnd& end) const override {
    const auto seen = read_singles(end);
    return seen && !seen->idle ? "mean" : "";
  }

  // Its context has the policy, and the priority that the kernel gave.
  std::optional<OptionReadBack> read_back(const ProgramOption& option, const ProgramEnd& end) const override {
    const auto document = its_json(end);
    const std::string key = option.name == "--policy"     ? "policy"
                            : option.name == "--priority" ? "priority"
                                                          : "";
    const json context = document ? document->value("context", json()) : json();
    if (key.empty() || !context.is_object()) return std::nullopt;
    const auto found = context.find(key);
    if (found == context.end() || !found->is_string()) return std::nullopt;
    return OptionReadBack{found->get<std::string>(), *found == option.value};
  }
};

}  // namespace
}  // namespace google_benchmark

const MeasuringProgram& google_benchmark_program() {
  static const google_benchmark::GoogleBenchmark program;
  return program;
}

}  // namespace loopgate
