#include "accept/describe.h"

#include <fmt/format.h>

#include "accept/deviations.h"
#include "base/json.h"
#include "base/overloaded.h"
#include "gate/quantile_interval.h"
#include "record/instruction_text.h"
#include "run/asked_for.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

std::string words_of(const MachineRecord& machine) {
  return std::visit(Overloaded{[](const QemuMachineRecord& qemu) {
                                 return fmt::format(
                                     "QEMU {}, {}", qemu.version,
                                     instruction_text(qemu.icount_shift, qemu.cpus, qemu.slice_ns));
                               },
                               [](const BoardMachineRecord& board) {
                                 return fmt::format("{} CPUs, reached by {}, boots by {}", board.cpus,
                                                    board.reached_by, board.boot_method);
                               },
                               [](const CaptureMachineRecord& capture) { return capture.instrument; }},
                    machine);
}

template <class Input>
json names_of(const std::vector<Input>& inputs) {
  json names = json::array();
  for (const Input& each : inputs) names.push_back(each.name);
  return names;
}

// Of the first cell whose evidence can be read: every cell's is judged, and one that differs is INVALID.
json tuning_of(const RunRecord& run, const std::string& kernel, const fs::path& run_dir) {
  for (const DescribedCell& cell : run.cells) {
    if (cell.kernel != kernel) continue;
    const auto rows = read_asked_for(run_dir / "cells" / cell.name);
    if (!rows) continue;
    json tuning = json::array();
    for (const AskedFor& row : *rows)
      if (row.by == "kernel" || row.by == "board")
        tuning.push_back({{"by", row.by},
                          {"kind", row.kind},
                          {"asked", row.asked},
                          {"became", name_of(row.became)},
                          {"read_back", row.read_back}});
    return tuning;
  }
  return nullptr;
}

json json_of_kernel(const AcceptedRun& run, const KernelInput& kernel, const fs::path& root) {
  return {{"run", run.planned.name},
          {"name", kernel.name},
          {"title", kernel.title},
          {"package", kernel.package},
          {"version", kernel.version},
          {"release", kernel.release},
          {"image_sha256", kernel.image_sha256},
          {"command_line", kernel.command_line},
          {"arguments", kernel.arguments},
          {"tuning", tuning_of(run.run, kernel.name, root / folder_of_run(run.planned.name) / "run")}};
}

// null where it has no single samples, and of a quantile that has no interval.
json json_of_intervals(const QuantileIntervals& intervals) {
  if (intervals.empty()) return nullptr;
  json all = json::object();
  for (std::size_t i = 0; i < intervals.size(); ++i) {
    json& each = all[quantiles[i].key];
    if (!intervals[i]) continue;
    each = {intervals[i]->low_ns, nullptr};
    if (intervals[i]->high_ns) each[1] = *intervals[i]->high_ns;
  }
  return all;
}

json json_of_run(const AcceptedRun& each) {
  const Verdict& verdict = each.judged.verdict;
  json groups = json::array();
  for (std::size_t i = 0; i < verdict.groups.size(); ++i) {
    const GroupVerdict& group = verdict.groups[i];
    groups.push_back({{"kernel", group.kernel},
                      {"load", group.load},
                      {"verdict", name_of(group.verdict)},
                      {"quantile_intervals_ns",
                       i < each.intervals.size() ? json_of_intervals(each.intervals[i]) : json()}});
  }
  return {{"name", each.planned.name},
          {"folder", folder_of_run(each.planned.name)},
          {"suite", each.run.suite.name},
          {"title", each.run.suite.title},
          {"policy", {{"sha256", each.policy_sha256}, {"title", verdict.policy_title}}},
          {"confidence", verdict.confidence},
          {"seed", each.run.seed},
          {"started", each.run.circumstances.started},
          {"cells", each.run.cells.size()},
          {"samples", each.run.samples},
          {"kernels", names_of(each.run.kernels)},
          {"loads", names_of(each.run.loads)},
          {"verdict", name_of(verdict.verdict)},
          {"remarks", verdict.remarks},
          {"groups", std::move(groups)}};
}

json json_of_item(const RunRecord& run) {
  return {{"board", run.board.name},
          {"title", run.board.title},
          {"emulator", run.board.emulator},
          {"time_base", name_of(run.time_base)},
          {"machine", words_of(run.machine)}};
}

}  // namespace

std::string folder_of_run(const std::string& name) { return "runs/" + name; }

namespace {

// On a board there are none: its replicates count, and not the samples of each.
QuantileIntervals intervals_of(const GroupEvidence* group, TimeBase time_base, double confidence) {
  QuantileIntervals intervals;
  if (time_base == TimeBase::wall_clock || group == nullptr || group->pooled == nullptr ||
      !group->pooled->exact())
    return intervals;
  for (const Quantity& each : quantiles)
    intervals.push_back(quantile_interval(*group, each.per_million, confidence));
  return intervals;
}

}  // namespace

AcceptedRun accepted_run(const PlannedRun& planned, RunRecord run, std::string policy_sha256,
                         JudgedBundle judged) {
  std::vector<QuantileIntervals> intervals;
  for (const GroupVerdict& group : judged.verdict.groups)
    intervals.push_back(intervals_of(find_group(judged.comparison, group.kernel, group.load),
                                     judged.comparison.time_base, judged.verdict.confidence));
  for (GroupEvidence& group : judged.comparison.groups) {
    if (!group.pooled || !group.pooled->exact()) continue;  // bounds and histograms are small, and are shown
    group.pooled.reset();
    for (Replicate& replicate : group.replicates) {
      replicate.tail.reset();
      replicate.course.reset();
    }
  }
  return {planned, std::move(run), std::move(policy_sha256), std::move(judged), std::move(intervals)};
}

VerdictKind verdict_of(const std::vector<AcceptedRun>& runs) {
  std::vector<PartVerdict> parts;
  for (const AcceptedRun& each : runs) parts.push_back(part_of(each.judged.verdict));
  return whole_of(parts);
}

json describe_acceptance(const AcceptanceRecord& record, const AcceptancePlan& plan,
                         const std::vector<AcceptedRun>& runs, const fs::path& root) {
  json kernels = json::array();
  json described = json::array();
  for (const AcceptedRun& each : runs) {
    described.push_back(json_of_run(each));
    for (const KernelInput& kernel : each.run.kernels) kernels.push_back(json_of_kernel(each, kernel, root));
  }
  json acceptance = json_of(record);
  acceptance["title"] = plan.title;
  acceptance["decision_rule"] = plan.decision_rule;
  acceptance["agreed"] = plan.agreed;
  acceptance["signatures"] = {{"wanted", plan.signatures_wanted}, {"of", plan.signatures_of}};
  acceptance["verdict"] = name_of(verdict_of(runs));
  acceptance["item"] = json_of_item(runs.front().run);
  acceptance["kernels"] = std::move(kernels);
  acceptance["runs"] = std::move(described);
  acceptance["deviations"] = deviations_of(record, plan, runs);
  acceptance["not_tested"] = not_tested_of(runs);
  return acceptance;
}

}  // namespace loopgate
