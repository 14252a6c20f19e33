#include "gate/openmetrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <utility>
#include <vector>

#include "base/utc_time.h"

namespace loopgate {
namespace {

using Labels = std::vector<std::pair<const char*, std::string>>;

constexpr std::array states = {VerdictKind::pass, VerdictKind::fail, VerdictKind::invalid,
                               VerdictKind::inconclusive, VerdictKind::not_gated};

// Backslash, quote and end of line, of which printable() leaves no end of line.
std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '\\' || c == '"') safe += '\\';
    safe += c;
  }
  return safe;
}

std::string labels_text(const Labels& labels) {
  std::string text;
  for (const auto& [name, value] : labels)
    text += fmt::format("{}{}=\"{}\"", text.empty() ? "" : ",", name, escaped(value));
  return "{" + text + "}";
}

// The whole exposition. A family's lines stand together: its description, then its samples.
class Exposition {
 public:
  explicit Exposition(const std::string& started) {
    if (const auto seconds = unix_seconds(started)) timestamp_ = fmt::format(" {}", *seconds);
  }
  void family(std::string name, const char* type, const char* unit, const char* help) {
    family_ = std::move(name);
    text_ += fmt::format("# TYPE {} {}\n", family_, type);
    if (*unit != '\0') text_ += fmt::format("# UNIT {} {}\n", family_, unit);
    text_ += fmt::format("# HELP {} {}\n", family_, help);
  }
  void sample(const Labels& labels, const std::string& value, const char* suffix = "") {
    text_ += fmt::format("{}{}{} {}{}\n", family_, suffix, labels_text(labels), value, timestamp_);
  }
  // One sample a state, of which exactly one is 1; its label bears the family's name.
  void verdict(Labels labels, VerdictKind kind) {
    labels.emplace_back(family_.c_str(), "");
    for (const VerdictKind state : states) {
      labels.back().second = name_of(state);
      sample(labels, state == kind ? "1" : "0");
    }
  }
  std::string finish() && { return std::move(text_) + "# EOF\n"; }

 private:
  std::string text_;
  std::string family_;
  std::string timestamp_;
};

Labels with(Labels labels, Labels more) {
  std::ranges::move(more, std::back_inserter(labels));
  return labels;
}

Labels labels_of(const Comparison& comparison) {
  return {{"suite", comparison.suite.name},
          {"board", comparison.board.name},
          {"time_base", name_of(comparison.time_base)},
          {"measured_by", comparison.self_measured_by.empty() ? "instrument" : comparison.self_measured_by}};
}

void add_run(const Verdict& verdict, const RunRecord& run, const Labels& common, Exposition* out) {
  out->family("loopgate_run", "info", "", "What was measured and judged, and with what.");
  const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine);
  out->sample(with(common, {{"loopgate", run.loopgate},
                            {"commit", run.circumstances.commit},
                            {"qemu", qemu == nullptr ? "" : qemu->version},
                            {"policy", verdict.policy_title},
                            {"policy_sha256", verdict.policy_sha256},
                            {"baseline", verdict.baseline.value_or("")}}),
              "1", "_info");
}

void add_verdicts(const Verdict& verdict, const Labels& common, Exposition* out) {
  out->family("loopgate_gate_verdict", "stateset", "", "The verdict on the whole run.");
  out->verdict(common, verdict.verdict);
  out->family("loopgate_verdict", "stateset", "", "The verdict on a kernel under a load.");
  for (const GroupVerdict& group : verdict.groups)
    out->verdict(with(common, {{"kernel", group.kernel}, {"load", group.load}}), group.verdict);
}

// A series stands once: of two checks that demand the same of the same, the worse one.
void add_checks(const Verdict& verdict, const Labels& common, Exposition* out) {
  std::map<std::string, std::pair<Labels, VerdictKind>> checks;
  for (const Check& check : verdict.checks) {
    Labels labels = with(common, {{"kernel", check.kernel},
                                  {"load", check.load},
                                  {"program", check.program},
                                  {"rule", check.rule},
                                  {"quantity", check.quantity},
                                  {"demand", demand_text(check)}});
    const std::string series = labels_text(labels);
    auto& known = checks.try_emplace(series, std::move(labels), check.verdict).first->second;
    known.second = std::max(known.second, check.verdict);
  }
  if (checks.empty()) return;
  out->family("loopgate_check_verdict", "stateset", "", "The verdict of one check of the policy.");
  for (const auto& [series, check] : checks) out->verdict(check.first, check.second);
}

// Of groups that are not INVALID, with their labels.
using Judged = std::vector<std::pair<const GroupEvidence*, Labels>>;

Judged judged_groups(const Verdict& verdict, const Comparison& comparison, const Labels& common) {
  Judged groups;
  for (const GroupVerdict& each : verdict.groups) {
    const GroupEvidence* group = find_group(comparison, each.kernel, each.load);
    if (group != nullptr && each.verdict != VerdictKind::invalid)
      groups.emplace_back(group, with(common, {{"kernel", each.kernel}, {"load", each.load}}));
  }
  return groups;
}

void add_latencies(const Judged& groups, TimeBase time_base, Exposition* out) {
  if (std::ranges::none_of(groups, [](const auto& each) { return each.first->summary.latency.has_value(); }))
    return;
  out->family(fmt::format("loopgate_{}_latency_seconds", name_of(time_base)), "gauge", "seconds",
              time_base == TimeBase::virtual_time
                  ? "Latency on QEMU's instruction clock: compare it with virtual figures alone."
                  : "Latency on the wall clock: compare it with wall-clock figures alone.");
  for (const auto& [group, labels] : groups) {
    if (!group->summary.latency) continue;
    for (const Quantity& quantity : quantities) {
      if (quantity.figure == nullptr) continue;
      if (const auto ns = quantity.figure(quantity, *group->summary.latency))
        out->sample(with(labels, {{"quantity", quantity.key}}), fmt::format("{}", *ns / 1e9));
    }
  }
}

// In the unit that the program gave, which is a label: one family of many programs has no unit of its own.
void add_programs(const Judged& groups, Exposition* out) {
  if (std::ranges::all_of(groups, [](const auto& each) { return each.first->programs.empty(); })) return;
  out->family("loopgate_program_figure", "gauge", "",
              "What programs measured of themselves: it is no instrument's, and in the unit of its label.");
  for (const auto& [group, labels] : groups)
    for (const ProgramEvidence& program : group->programs)
      for (const ProgramReplicate& replicate : program.replicates)
        for (const ProgramFigure& figure : replicate.result.figures)
          out->sample(with(labels, {{"program", program.program},
                                    {"cell", replicate.cell},
                                    {"figure", figure.name},
                                    {"unit", figure.unit},
                                    {"clock", figure.clock}}),
                      fmt::format("{}", figure.value));
}

// A count that is known from its bounds alone is left out.
void add_counts(const Judged& groups, Exposition* out) {
  if (std::ranges::none_of(groups, [](const auto& each) { return each.first->summary.counts.scheduled > 0; }))
    return;
  out->family(
      "loopgate_stimuli", "gauge", "",
      "How many stimuli were scheduled, how many were answered (count), and what became of the others.");
  for (const auto& [group, labels] : groups) {
    const SampleCounts& counts = group->summary.counts;
    if (counts.scheduled == 0) continue;
    out->sample(with(labels, {{"quantity", "scheduled"}}), fmt::format("{}", counts.scheduled));
    out->sample(with(labels, {{"quantity", "count"}}), fmt::format("{}", counts.count));
    for (const Quantity& quantity : quantities) {
      const auto count = quantity.count == nullptr ? std::nullopt : quantity.count(*group);
      if (count && count->exact())
        out->sample(with(labels, {{"quantity", quantity.key}}), fmt::format("{}", count->least));
    }
  }
}

void add_cells(const Comparison& comparison, const Labels& common, Exposition* out) {
  out->family("loopgate_cells", "gauge", "",
              "How the planned cells ended: figures are of the measured ones alone.");
  for (const GroupEvidence& group : comparison.groups) {
    std::map<std::string, std::size_t> ended = {{"measured", group.cells.size() - group.invalid.size()},
                                                {"kernel_failed", 0},
                                                {"invalid", 0},
                                                {"missing", 0}};
    for (const UnmeasuredCell& cell : group.invalid) ++ended[cell.outcome];
    for (const auto& [outcome, count] : ended)
      out->sample(with(common, {{"kernel", group.kernel}, {"load", group.load}, {"outcome", outcome}}),
                  fmt::format("{}", count));
  }
}

}  // namespace

std::string to_openmetrics(const Verdict& verdict, const Comparison& comparison, const RunRecord& run) {
  const Labels common = labels_of(comparison);
  Exposition out(run.circumstances.started);
  add_run(verdict, run, common, &out);
  add_verdicts(verdict, common, &out);
  add_checks(verdict, common, &out);
  const Judged groups = judged_groups(verdict, comparison, common);
  add_latencies(groups, comparison.time_base, &out);
  add_programs(groups, &out);
  add_counts(groups, &out);
  add_cells(comparison, common, &out);
  return std::move(out).finish();
}

}  // namespace loopgate
