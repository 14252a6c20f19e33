// `rtla osnoise hist`: how long a busy thread was kept from running at a time.
#include "programs/measuring/rtla_table.h"

namespace loopgate {
namespace rtla_osnoise {
namespace {

constexpr const char* clock = "the kernel's trace clock";
// A shorter noise is not told. Always set: another tracer's threshold can have been left behind.
constexpr const char* threshold_us = "5";  // the kernel's own

// rtla names no CPU then, and prints zeros. It prints the same of CPUs all of whose noises are beyond its
// table, but for their names.
bool found_no_noise(const std::string& printed) {
  bool names_none = false;
  std::size_t zeros = 0;
  for (const std::string_view line : lines_in(printed)) {
    if (LineScan scan(line); scan.text("Index").at_end()) names_none = true;
    for (const char* sum : {"over:", "count:", "min:", "max:"}) {
      std::uint64_t count = 0;
      if (LineScan scan(line); scan.text(sum).count(&count).at_end() && count == 0) ++zeros;
    }
  }
  return names_none && zeros == 4 && !line_with(printed, "missed");
}

ProgramFigure max_figure(double us, double resolution_us) { return {"max", us, "us", clock, resolution_us}; }

// None reached the threshold; --auto lowers it at most.
ProgramResult without_noise(const std::vector<std::string>& argv) {
  const double threshold = option_number(argv, {"-T", "--threshold"}).value_or(0);
  if (threshold == 0)  // rtla sets none then
    return result_of(ProgramVerdict::inconclusive, "it found no noise, and nobody knows its threshold");
  ProgramResult result = result_of(ProgramVerdict::pass, "");
  result.figures = {count_figure("noises", 0, "noises"), max_figure(0, threshold)};
  return result;
}

class RtlaOsnoise : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    // Its own thread reads what the measured CPU's leaves: with one CPU under load `mixed` it did not come to
    // an end in 10 s of virtual time.
    static const ProgramForm form = {
        .key = "rtla-osnoise",
        .command = {"rtla", "osnoise", "hist", "--threshold", threshold_us},
        .duration = "--duration",
        .priority = "--priority",
        .aliases = {"-d", "-P"},
        .joined_policy = true,
        .options = rtla_options("-E --entries -r --runtime -s --stop -S --stop-total -T --threshold"),
        .numbers = {"-E", "--entries", "-T", "--threshold"},
        .refused = {"-b", "--bucket-size", "--no-header", "--no-summary", "--no-index", "--with-zeros"},
        .needs = {.cpus = 2, .tracer = "osnoise"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (auto early = rtla_ended_early(end)) return *early;
    if (found_no_noise(end.printed)) return without_noise(argv);
    auto read = rtla_measurement(end.printed, argv, "");
    if (!read) return invalid_result(read.error().what);
    if (!*read) return invalid_result("its table has no column of a CPU");
    SelfMeasurement& measurement = **read;
    if (auto lost = rtla_lost(measurement)) return *lost;
    if (!measurement.latencies.max_ns) return invalid_result("its table has no max:");
    std::uint64_t noises = 0;
    for (const ThreadLatencies& each : measurement.threads) noises += each.count;
    if (noises == 0) return invalid_result("its table names a CPU with noises, and counts none");
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {count_figure("noises", noises, "noises"),
                      max_figure(static_cast<double>(*measurement.latencies.max_ns) / 1e3,
                                 static_cast<double>(measurement.latencies.resolution_ns) / 1e3)};
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
