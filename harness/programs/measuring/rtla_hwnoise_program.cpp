// `rtla hwnoise`: what keeps a thread from running that has switched interrupts off: the hardware.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "programs/measuring/rtla_table.h"

namespace loopgate {
namespace rtla_hwnoise {
namespace {

constexpr const char* clock = "the kernel's trace clock";

struct Totals {
  std::uint64_t cpus = 0, periods = 0, hardware = 0, nmi = 0;
  double max_single_us = 0;
};

// CPU Period       Runtime        Noise  % CPU Aval   Max Noise   Max Single          HW          NMI
//   0 #9           9000000            0   100.00000           0            0           0            0
// Counted once: it writes the table over and over unless it is quiet, and the last one counts.
Result<Totals> read(std::string_view text) {
  const std::size_t head = text.rfind("CPU Period");
  if (head == std::string_view::npos) return fail(ErrorKind::data, "it printed no table");
  Totals totals;
  bool first = true;
  for (const std::string_view line : lines_in(text.substr(head))) {
    if (std::exchange(first, false)) continue;
    std::uint64_t cpu = 0, periods = 0, runtime = 0, noise = 0, max_noise = 0, hardware = 0, nmi = 0;
    double available = 0, max_single = 0;
    LineScan scan(line);
    scan.count(&cpu).text("#").count(&periods).count(&runtime).count(&noise).number(&available);
    scan.count(&max_noise).number(&max_single).count(&hardware).count(&nmi);
    if (!scan.at_end()) return fail(ErrorKind::data, fmt::format("its table has a damaged row: {}", line));
    ++totals.cpus;
    totals.periods += periods;
    totals.hardware += hardware;
    totals.nmi += nmi;
    totals.max_single_us = std::max(totals.max_single_us, max_single);
  }
  if (totals.cpus == 0 || totals.periods == 0) return fail(ErrorKind::data, "its table has no period");
  return totals;
}

class RtlaHwnoise : public MeasuringProgram {
 public:
  const ProgramForm& form() const override {
    // Its own thread reads what the measured CPU's leaves: with one CPU under load `mixed` it did not come to
    // an end in 10 s of virtual time.
    static const ProgramForm form = {
        .key = "rtla-hwnoise",
        .command = {"rtla", "hwnoise"},
        .last = {"--quiet"},
        .duration = "--duration",
        .priority = "--priority",
        .aliases = {"-d", "-P"},
        .joined_policy = true,
        .options = rtla_options("-q --quiet -r --runtime -s --stop -S --stop-total -T --threshold"),
        .needs = {.cpus = 2, .tracer = "osnoise"}};
    return form;
  }

  ProgramResult judge(const std::vector<std::string>&, const ProgramEnd& end) const override {
    if (auto early = rtla_ended_early(end)) return *early;
    const auto totals = read(end.printed);
    if (!totals) return invalid_result(totals.error().what);
    ProgramResult result = result_of(ProgramVerdict::pass, "");
    result.figures = {count_figure("periods", totals->periods, "periods"),
                      count_figure("hardware noises", totals->hardware, "noises"),
                      count_figure("NMIs", totals->nmi, "interrupts"),
                      us_figure("max", totals->max_single_us, clock)};
    return result;
  }
};

}  // namespace
}  // namespace rtla_hwnoise

const MeasuringProgram& rtla_hwnoise_program() {
  static const rtla_hwnoise::RtlaHwnoise program;
  return program;
}

}  // namespace loopgate
