#include "gate/phase_table.h"

#include <fmt/format.h>

#include <optional>

#include "base/text.h"
#include "base/units.h"

namespace loopgate {
namespace {

std::string figure_text(const std::optional<std::int64_t>& ns) { return ns ? us_text(*ns) : "-"; }

struct ProbedGroup {
  const std::string& kernel;
  const StageSummary& stages;
  const ProbeCounts& probe;
};

std::vector<ProbedGroup> probed_groups(const Comparison& comparison, const std::string& load) {
  std::vector<ProbedGroup> groups;
  for (const GroupEvidence& group : comparison.groups) {
    const auto& stages = group.summary.stages;
    if (group.load == load && stages && stages->probe)
      groups.push_back({group.kernel, *stages, *stages->probe});
  }
  return groups;
}

// "generic 10,000 events, 0 lost, costs 1.4 us each"; of ftrace, where a stimulus has many events,
// "generic 10,000 stimuli, 0 events lost".
std::string group_text(const ProbedGroup& group) {
  constexpr Noun events = {"event", "events"};
  const ProbeCounts& probe = group.probe;
  std::string text = probe.transport == ProbeTransport::ftrace
                         ? fmt::format("{} {}, {} lost", group.kernel, stimuli_text(probe.stimuli),
                                       counted_text(probe.lost, events))
                         : fmt::format("{} {}, {} lost", group.kernel,
                                       counted_text(probe.stimuli - probe.lost - probe.unfinished, events),
                                       with_thousands(probe.lost));
  if (probe.cost_ns >= 0) text += fmt::format(", costs {} each", duration_text(probe.cost_ns));
  if (const ProbeReplaced& replaced = probe.replaced; replaced.times > 0)
    text += fmt::format(", replaced {} ({} meanwhile, the longest {})",
                        counted_text(replaced.times, {"time", "times"}),
                        counted_text(replaced.answers, answers_noun), duration_text(replaced.max_ns));
  if (!probe.complete() || group.stages.left_out > 0)
    text += fmt::format(", INCOMPLETE: {} not seen to the end, {} left out of the phases",
                        stimuli_text(probe.unfinished), counted_text(group.stages.left_out, answers_noun));
  return text;
}

}  // namespace

std::vector<std::vector<std::string>> phase_rows(const Comparison& comparison, const std::string& load) {
  const auto groups = probed_groups(comparison, load);
  if (groups.empty()) return {};
  std::vector<std::vector<std::string>> rows = {{"phase"}};
  for (const ProbedGroup& group : groups)
    for (const char* figure : {"p50", "p99", "max"})
      rows.front().push_back(fmt::format("{} {}", group.kernel, figure));
  const auto& names = groups.front().stages.names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    auto& row = rows.emplace_back(std::vector<std::string>{names[i]});
    for (const ProbedGroup& group : groups) {
      const StageFigures& phase = group.stages.figures[i];
      row.insert(row.end(), {figure_text(phase.p50), figure_text(phase.p99), us_text(phase.max)});
    }
  }
  return rows;
}

std::string probe_text(const Comparison& comparison, const std::string& load) {
  if (comparison.probe.empty()) return {};
  std::string text;
  for (const ProbedGroup& group : probed_groups(comparison, load))
    text += (text.empty() ? "" : "; ") + group_text(group);
  return fmt::format("probe {}: {}", comparison.probe, text.empty() ? "it saw nothing" : text);
}

std::vector<std::string> trace_texts(const Comparison& comparison, const std::string& load) {
  std::vector<std::string> texts;
  for (const GroupEvidence& group : comparison.groups) {
    const auto& stages = group.summary.stages;
    if (group.load != load || !stages || !stages->probe || !stages->probe->traced) continue;
    const SampleInTrace& traced = *stages->probe->traced;
    const std::int64_t max_ns = group.summary.latency ? group.summary.latency->max : traced.latency_ns;
    std::string text = fmt::format("{}: cells/{}/trace.dat holds {}sample {} ({})", group.kernel, traced.cell,
                                   max_ns == traced.latency_ns ? "the worst, " : "", traced.index,
                                   duration_text(traced.latency_ns));
    if (max_ns != traced.latency_ns)
      text += fmt::format("; the worst ({}) is not among the {} that the kernel itself saw take longest",
                          duration_text(max_ns), probe_traced_most);
    texts.push_back(std::move(text));
  }
  return texts;
}

}  // namespace loopgate
