// cyclictest of rt-tests as a program of a suite: how late a timer wakes its threads. (As a load it runs
// until it is told to stop: programs/load/cyclictest.h.)
#include <fmt/format.h>

#include <algorithm>

#include "programs/measuring/measured_threads.h"
#include "programs/result/cyclictest_file.h"

namespace loopgate {
namespace cyclictest {
namespace {

constexpr std::size_t histogram_bins = 10'000;  // of a microsecond each, or of a nanosecond with --nsecs
constexpr double bins_max = 1e6;

// "# Max Latencies: 18591 00042" stands in place of the threads' lines, since there is a histogram.
std::map<std::size_t, double> printed_footer_maxima(const std::string& text) {
  const auto line = line_with(text, "# Max Latencies:");
  if (!line) return printed_thread_maxima(text);
  std::map<std::size_t, double> maxima;
  LineScan scan(*line);
  scan.text("# Max Latencies:");
  for (double max = 0; !scan.at_end() && scan.number(&max).good();) maxima[maxima.size()] = max;
  return maxima;
}

struct Reading {
  std::vector<ThreadCycles> threads;
  LatencyHistogram histogram;
};

Result<CyclictestFile> file_of(const ProgramEnd& end) {
  if (!end.file || end.file->empty()) return fail(ErrorKind::data, "it wrote no JSON file");
  auto file = parse_cyclictest_file(*end.file);
  if (!file) return fail(ErrorKind::data, "its JSON file " + file.error().what);
  const auto code = file->return_code;
  if (!code) return fail(ErrorKind::data, "its JSON file has no return_code");
  if (*code != 0) return fail(ErrorKind::data, fmt::format("its JSON file says return_code {}", *code));
  for (std::size_t i = 0; i < file->threads.size(); ++i)
    if (file->threads[i].name != std::to_string(i))
      return fail(ErrorKind::data, fmt::format("its JSON file has no thread {}", i));
  return file;
}

Result<Reading> read(const ProgramEnd& end, std::size_t bins) {
  TRY(file, file_of(end));
  std::vector<ThreadCycles> threads;
  threads.reserve(file.threads.size());
  for (const CyclictestThread& each : file.threads)
    threads.push_back({each.cycles, static_cast<double>(each.min), each.mean, static_cast<double>(each.max)});
  auto histogram = histogram_of(file, bins);
  if (!histogram) return fail(ErrorKind::data, "its JSON file " + histogram.error().what);
  TRY_STATUS(check_printed(threads, printed_footer_maxima(end.printed)));
  return Reading{std::move(threads), std::move(*histogram)};
}

// "# Break value: 18"
std::optional<ProgramResult> broken(const ProgramEnd& end) {
  const auto line = line_with(end.printed, "# Break value:");
  if (!line) return std::nullopt;
  double value = 0;
  if (!LineScan(*line).text("# Break value:").number(&value).good())
    return invalid_result("it stopped at its limit, and did not say by how much");
  return failed_result(fmt::format("it stopped at its limit: a latency was {}", value));
}

// "--duration 1m" is one, too.
bool has_duration(const std::vector<std::string>& argv) {
  return std::ranges::any_of(options_in(argv), [](const ProgramOption& option) {
    return option.name == "-D" || option.name == "--duration";
  });
}

class CyclictestProgram : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "cyclictest",
        .command = {"cyclictest"},
        .last = {"--quiet", "--histogram", std::to_string(histogram_bins), "--json", "{file}"},
        .loops = "--loops",
        .duration = "--duration",
        .priority = "--priority",
        .policy = "--policy",
        .aliases = {"-D", "-l", "-p"},
        .options = words_of(
            "-a --affinity -A --aligned -b --breaktrace -c --clock --default-system -d --distance -F "
            "--fifo -i --interval --laptop --latency --mainaffinity -m --mlockall -N --nsecs -q "
            "--quiet --priospread -r --relative -R --resolution --secaligned --smi -S --smp --spike "
            "--spike-nodes -s --system -t --threads --tracemark -u --unbuffered -x --posix_timers"),
        .refused = {"-h", "-H", "--histogram", "--histofall", "--histfile", "-v", "--verbose", "-M",
                    "--refresh_on_max", "-o", "--oscope"},
        .ends_when_told = true};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (auto bad = ended_badly(end)) return *bad;
    const double bins = option_number(argv, {"--histogram"}).value_or(0);
    auto seen = read(end, static_cast<std::size_t>(std::min(bins, bins_max)));
    if (!seen) return invalid_result(seen.error().what);
    const ThreadTotal total = total_of(seen->threads);
    const char* clock = cyclictest_clock(argv);
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    const auto loops = option_number(argv, {"-l", "--loops"});
    if (auto stopped = broken(end)) {
      result = *stopped;
    } else if (total.fewest < 1 ||
               (!end.told_to_end && static_cast<double>(total.fewest) < loops.value_or(1))) {
      return invalid_result(fmt::format("a thread made {} of {} cycles", total.fewest, loops.value_or(1)));
    } else if (!end.told_to_end && !loops && !has_duration(argv)) {
      return invalid_result("it ended by itself, and it had neither loops nor a duration");
    }
    result.figures = figures_of(total.all, clock, static_cast<double>(seen->histogram.resolution_ns) / 1e3);
    result.figures.push_back(count_figure("overflows", seen->histogram.overflow, "cycles"));
    result.histogram = std::move(seen->histogram);
    result.clock = clock;
    return result;
  }

  std::optional<OptionReadBack> read_back(const ProgramOption& option, const ProgramEnd& end) const override {
    return cyclictest_read_back(option, end.file.value_or(""));
  }
};

}  // namespace
}  // namespace cyclictest

const MeasuringProgram& cyclictest_program() {
  static const cyclictest::CyclictestProgram program;
  return program;
}

}  // namespace loopgate
