// `rtla osnoise hist`: how long a busy thread was kept from running at a time.
#include "programs/rtla_table.h"

namespace loopgate {
namespace rtla_osnoise {
namespace {

constexpr const char* clock = "the kernel's trace clock";

class RtlaOsnoise : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    // Its own thread reads what the measured CPU's leaves: with one CPU under load `mixed` it did not come to
    // an end in 10 s of virtual time.
    static const ProgramForm form = {
        .key = "rtla-osnoise",
        .command = {"rtla", "osnoise", "hist"},
        .duration = "--duration",
        .priority = "--priority",
        .aliases = {"-d", "-P"},
        .joined_policy = true,
        .options =
            rtla_options("-E --entries -r --runtime -s --stop -S --stop-total -T --threshold --with-zeros"),
        .numbers = {"-E", "--entries"},
        .refused = {"-b", "--bucket-size", "--no-header", "--no-summary", "--no-index"},
        .needs = {.cpus = 2, .tracer = "osnoise"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (auto early = rtla_ended_early(end)) return *early;
    auto read = rtla_measurement(end.printed, argv, "");
    if (!read) return invalid_result(read.error().what);
    if (!*read) return invalid_result("its table has no column of a CPU");
    SelfMeasurement& measurement = **read;
    if (auto lost = rtla_lost(measurement)) return *lost;
    if (!measurement.latencies.max_ns) return invalid_result("its table has no max:");
    std::uint64_t noises = 0;
    for (const ThreadLatencies& each : measurement.threads) noises += each.count;
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {count_figure("noises", noises, "noises"),
                      {"max", static_cast<double>(*measurement.latencies.max_ns) / 1e3, "us", clock,
                       static_cast<double>(measurement.latencies.resolution_ns) / 1e3}};
    result.histogram = std::move(measurement.latencies);
    result.clock = clock;
    return result;
  }
};

}  // namespace
}  // namespace rtla_osnoise

const MeasuringProgram& rtla_osnoise_program() {
  static const rtla_osnoise::RtlaOsnoise program;
  return program;
}

}  // namespace loopgate
