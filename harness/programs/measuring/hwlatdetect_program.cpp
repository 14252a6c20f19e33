// hwlatdetect of rt-tests: gaps that the hardware makes, by the kernel's hwlat tracer. A Python program,
// whose traceback exits with 1 as a hit does.
#include <fmt/format.h>

#include "base/units.h"
#include "programs/measuring/program_text.h"

namespace loopgate {
namespace hwlatdetect {
namespace {

constexpr const char* clock = "the kernel's trace clock";

struct Reading {
  double max_us = 0;  // 0: below the threshold
  std::uint64_t exceeding = 0;
};

Result<Reading> read(const std::string& text) {
  Reading seen;
  if (!line_with(text, "test finished")) return fail(ErrorKind::data, "it did not finish");
  const auto max = line_with(text, "Max Latency:");
  const auto exceeding = line_with(text, "Samples exceeding threshold:");
  if (!max || !exceeding) return fail(ErrorKind::data, "it did not print what it found");
  LineScan below(*max), above(*max), count(*exceeding);
  const bool none = below.text("Max Latency:").text("Below threshold").at_end();
  if (!none && !above.text("Max Latency:").number(&seen.max_us).text("us").at_end())
    return fail(ErrorKind::data, "its largest latency is no number");
  if (!count.text("Samples exceeding threshold:").count(&seen.exceeding).at_end())
    return fail(ErrorKind::data, "how many samples exceeded its threshold is no number");
  if (none != (seen.exceeding == 0))
    return fail(ErrorKind::data, "it contradicts itself: the largest latency and the number of hits");
  return seen;
}

// Above it the status is 1. By default it is the threshold, so that any hit is.
Result<double> hard_limit_us(const std::vector<std::string>& argv) {
  for (const ProgramOption& option : options_in(argv)) {
    if (option.name != "--hardlimit") continue;
    double value = 0;
    LineScan scan(option.value);
    if (!scan.number(&value).good()) break;
    if (scan.at_end() || LineScan(scan).text("us").at_end()) return value;
    if (LineScan(scan).text("ms").at_end()) return value * 1e3;
    if (LineScan(scan).text("s").at_end()) return value * 1e6;
    return fail(ErrorKind::data, "its --hardlimit is no time: " + option.value);
  }
  return 0.0;
}

class Hwlatdetect : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    static const ProgramForm form = {
        .key = "hwlatdetect",
        .command = {"hwlatdetect"},
        .duration = "--duration",
        .options = words_of("--cpu-list --debug --hardlimit --report --threshold --watch --width --window"),
        .refused = {"--quiet"},
        .needs = {.tracer = "hwlat", .programs = {"python3"}}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>& argv, const ProgramEnd& end) const override {
    if (const auto line = complained(end, "Traceback (most recent call last)"))
      return invalid_result("it came to a Python traceback, which is no hit");
    const auto seen = read(end.printed);
    const auto limit_us = hard_limit_us(argv);
    if (!limit_us) return invalid_result(limit_us.error().what);
    const bool hit = seen && seen->max_us > *limit_us;
    if (!hit || end.status != 1) {
      if (auto bad = ended_badly(end)) return *bad;
    }
    if (!seen) return invalid_result(seen.error().what);
    if (hit && end.status == 0)
      return invalid_result(
          fmt::format("it contradicts itself: {} us is above its limit, and it exited with 0", seen->max_us));
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    if (hit)
      result = failed_result(fmt::format("{} above the threshold, the largest {} us",
                                         counted_text(seen->exceeding, {"sample was", "samples were"}),
                                         seen->max_us));
    result.figures = {count_figure("hits", seen->exceeding, "samples")};
    if (seen->max_us > 0) result.figures.push_back(us_figure("max", seen->max_us, clock));
    return result;
  }
};

}  // namespace
}  // namespace hwlatdetect

const MeasuringProgram& hwlatdetect_program() {
  static const hwlatdetect::Hwlatdetect program;
  return program;
}

}  // namespace loopgate
