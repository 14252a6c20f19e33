#include "run/probe.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <string_view>
#include <variant>

#include "base/nearest.h"
#include "protocol/probe_records.h"
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

Result<ProbeChoice> probe_named(const std::string& name) {
  constexpr std::string_view option = "replaced=";
  const std::size_t colon = name.find(':');
  const std::string kind = name.substr(0, colon);
  const auto found = std::ranges::find_if(probes, [&](const ProbeKind& each) { return each.name == kind; });
  if (found == probes.end()) {
    std::vector<std::string> names;
    for (const ProbeKind& each : probes) names.emplace_back(each.name);
    return fail(ErrorKind::usage, fmt::format("there is no probe \"{}\"", kind), meant_or_known(kind, names));
  }
  ProbeChoice choice{&*found};
  if (colon == std::string::npos) return choice;
  if (found->has_trace)
    return fail(ErrorKind::usage, fmt::format("probe {} has no kernel part that could be replaced", kind),
                "replace ebpf or ebpf-perf");
  const std::string_view text = std::string_view(name).substr(colon + 1);
  const bool known = text.starts_with(option);
  const std::string_view number = known ? text.substr(option.size()) : text;
  const auto [end, error] =
      std::from_chars(number.data(), number.data() + number.size(), choice.replacements);
  if (known && error == std::errc() && end == number.data() + number.size() && choice.replacements >= 1 &&
      choice.replacements <= static_cast<int>(probe_replacements_most))
    return choice;
  return fail(ErrorKind::usage, fmt::format("--probe {} says nothing that is known", name),
              fmt::format("write {}:replaced=N, N from 1 to {}", kind, probe_replacements_most));
}

Status check_probe(const std::string& probe, const Suite& suite) {
  if (probe.empty()) return {};
  TRY_STATUS(probe_named(probe));
  if (std::holds_alternative<ResponseWork>(suite.work)) return {};
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
  const ProbeChoice choice = probe_named(plan.probe).value();  // the plan was checked
  const ProbeKind& kind = *choice.kind;
  ProbeSpec spec;
  spec.file = target_path(probe_artifact);
  spec.argv = {"/bin/probe",
               "--transport",
               kind.transport,
               "--out",
               spec.file,
               "--records",
               std::to_string(std::min(stimuli, most))};
  // Evenly over what counts.
  for (int i = 1; i <= choice.replacements; ++i) {
    const std::int64_t after = std::int64_t{plan.samples} * i / (choice.replacements + 1);
    spec.argv.insert(spec.argv.end(), {"--replace-after", std::to_string(stimuli - plan.samples + after)});
  }
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
