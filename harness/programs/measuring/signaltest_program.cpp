// signaltest of rt-tests: how long a signal takes round a ring of threads. Its first thread sleeps for 10 ms
// in every 16th round, outside of what it times itself and inside of what the others do (signaltest.c, 2.4
// to 2.10): so the first thread alone tells of the kernel, and only it has the limit --breaktrace.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "programs/measuring/measured_threads.h"

namespace loopgate {
namespace signaltest {
namespace {

constexpr const char* clock = "CLOCK_MONOTONIC";

Result<std::vector<ThreadCycles>> read(const ProgramEnd& end) {
  TRY(document, rt_tests_json(end));
  TRY(threads, measured_threads(document));
  TRY_STATUS(check_printed(threads, printed_thread_maxima(end.printed)));
  return threads;
}

class Signaltest : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "signaltest",
        .command = {"signaltest"},
        .last = {"--quiet", "--json", "{file}"},
        .loops = "--loops",
        .duration = "--duration",
        .priority = "--prio",
        .aliases = {"-D", "-l", "-p", "--priority"},
        .options = words_of("-a --affinity -b --breaktrace -m --mlockall -q --quiet -S --smp -t --threads"),
        .refused = {"-v", "--verbose"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (auto bad = ended_badly(end)) return *bad;
    const auto threads = read(end);
    if (!threads) return invalid_result(threads.error().what);
    const ThreadTotal total = total_of(*threads);
    const double loops = option_number(argv, {"-l", "--loops"}).value_or(1);
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    if (const auto line = complained(end, "exceeded trace limit")) {
      result = failed_result(std::string(*line));
    } else if (static_cast<double>(total.fewest) < loops) {
      return invalid_result(fmt::format("a thread made {} of {} cycles", total.fewest, loops));
    }
    result.figures = figures_of(threads->front(), clock);
    return result;
  }
};

}  // namespace
}  // namespace signaltest

const MeasuringProgram& signaltest_program() {
  static const signaltest::Signaltest program;
  return program;
}

}  // namespace loopgate
