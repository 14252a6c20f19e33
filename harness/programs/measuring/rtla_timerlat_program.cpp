// `rtla timerlat hist`: how late a timer's interrupt comes, its thread runs, and that returns to user space.
// Each has a histogram of its own, and they are never put together.
#include <fmt/format.h>

#include "programs/measuring/rtla_table.h"

namespace loopgate {
namespace rtla_timerlat {
namespace {

constexpr const char* clock = "the kernel's timer clock";

struct Kind {
  const char* word;
  const char* figure;
  const char* limit[2];  // the option that ends it at so many us
};
// In the order in which the path goes: the last that is there is the whole of it.
constexpr Kind kinds[] = {{"irq", "max of the interrupt", {"-i", "--irq"}},
                          {"thread", "max of the thread", {"-T", "--thread"}},
                          {"user", "max in user space", {"-T", "--thread"}}};

// rtla does not say that it stopped at its limit where its time was over before it looked (timerlat_hist.c of
// 6.12: trace_is_off() && !stop_tracing). The kernel stops at the limit itself, so a maximum there was one.
std::optional<ProgramResult> untold_stop(const Kind& kind, const SelfMeasurement& measurement,
                                         const std::vector<std::string>& argv) {
  const double limit = option_number(argv, {kind.limit[0], kind.limit[1], "-a", "--auto"}).value_or(0);
  const auto max_ns = measurement.latencies.max_ns;
  if (limit == 0 || !max_ns || static_cast<double>(*max_ns) < limit * 1e3) return std::nullopt;
  return failed_result(fmt::format("its {} is {} us, and its limit {} us", kind.figure,
                                   static_cast<double>(*max_ns) / 1e3, limit));
}

class RtlaTimerlat : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    // Its own thread reads what the measured CPU's leaves: with one CPU under load `mixed` it did not come to
    // an end in 10 s of virtual time.
    static const ProgramForm form = {
        .key = "rtla-timerlat",
        .command = {"rtla", "timerlat", "hist"},
        .duration = "--duration",
        .priority = "--priority",
        .aliases = {"-d", "-P"},
        .joined_policy = true,
        .options = rtla_options(
            "--dma-latency --dump-tasks -E --entries -i --irq -k --kernel-threads -n --nano --no-aa --no-irq "
            "--no-thread -s --stack -T --thread -u --user-threads -U --user-load --with-zeros"),
        .numbers = {"-E", "--entries", "-a", "--auto", "-i", "--irq", "-T", "--thread"},
        .refused = {"-b", "--bucket-size", "--no-header", "--no-summary", "--no-index"},
        .needs = {.cpus = 2, .tracer = "timerlat"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (auto early = rtla_ended_early(end)) return *early;
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    for (const Kind& kind : kinds) {
      auto read = rtla_measurement(end.printed, argv, kind.word);
      if (!read) return invalid_result(read.error().what);
      if (!*read) continue;
      SelfMeasurement& measurement = **read;
      if (auto stopped = untold_stop(kind, measurement, argv)) return *stopped;
      if (auto lost = rtla_lost(measurement)) return *lost;
      if (!measurement.latencies.max_ns) return invalid_result("its table has no max:");
      result.figures.push_back({kind.figure, static_cast<double>(*measurement.latencies.max_ns) / 1e3, "us",
                                clock, static_cast<double>(measurement.latencies.resolution_ns) / 1e3});
      result.histogram = std::move(measurement.latencies);
      result.clock = clock;
    }
    if (!result.histogram) return invalid_result("it counted no sample");
    return result;
  }
};

}  // namespace
}  // namespace rtla_timerlat

const MeasuringProgram& rtla_timerlat_program() {
  static const rtla_timerlat::RtlaTimerlat program;
  return program;
}

}  // namespace loopgate
