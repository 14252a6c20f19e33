#include "run/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "base/nearest.h"
#include "record/artifacts.h"

namespace loopgate {
namespace {

// The kernel checks the probe's functions and compiles them: 0.4 s of virtual time.
constexpr std::chrono::milliseconds ready_timeout{20'000};

constexpr int records_max = 1'000'000;     // 88 MB of the board's memory
constexpr int records_in_report = 40'000;  // 3.5 MB, of the 8 MB that a report may have in base64

// Of the trace of one stimulus: eight of them have 1 MB of a report, too.
constexpr int pages_in_report = 32;

}  // namespace

const ProbeKind* find_probe(const std::string& name) {
  const auto found = std::ranges::find_if(probes, [&](const ProbeKind& each) { return each.name == name; });
  return found == probes.end() ? nullptr : &*found;
}

Status check_probe(const std::string& probe, const Suite& suite) {
  if (probe.empty()) return {};
  if (find_probe(probe) == nullptr) {
    std::vector<std::string> names;
    for (const ProbeKind& each : probes) names.emplace_back(each.name);
    return fail(ErrorKind::usage, fmt::format("there is no probe \"{}\"", probe),
                meant_or_known(probe, names));
  }
  if (const auto* work = std::get_if<ResponseWork>(&suite.work)) {
    if (!work->beside) return {};
    return fail(
        ErrorKind::usage,
        fmt::format("suite {} cannot be measured with --probe: program {} measures beside its payload, "
                    "and the two would disturb each other",
                    suite.name, work->beside->name),
        "probe a suite without a program, such as irq-to-gpio");
  }
  return fail(
      ErrorKind::usage,
      fmt::format("suite {} cannot be measured with --probe: its payload does not answer each stimulus "
                  "by itself",
                  suite.name),
      "probe a suite that does, such as irq-to-gpio");
}

ProbeSpec probe_of(const Plan& plan) {
  const int stimuli = plan.samples + schedule_of(plan.suite.work).warm_up;
  const int most = plan.board.is_virtual() ? records_in_report : records_max;
  const ProbeKind& kind = *find_probe(plan.probe);
  ProbeSpec spec;
  spec.file = target_path(probe_artifact);
  spec.argv = {"/bin/probe",
               "--transport",
               kind.transport,
               "--out",
               spec.file,
               "--records",
               std::to_string(std::min(stimuli, most))};
  spec.in_report = plan.board.is_virtual();
  if (kind.has_trace) {
    spec.trace = target_path(trace_artifact);
    spec.argv.insert(spec.argv.end(), {"--trace", spec.trace, "--warm-up",
                                       std::to_string(schedule_of(plan.suite.work).warm_up)});
    if (spec.in_report) spec.argv.insert(spec.argv.end(), {"--pages", std::to_string(pages_in_report)});
  }
  spec.ready_timeout = ready_timeout;
  return spec;
}

}  // namespace loopgate
