#include "explain/json_report.h"

#include "base/json.h"
#include "explain/sample/breakdown.h"

namespace loopgate {
namespace {

using nlohmann::json;

const char* name_of(Phase phase) { return phase_names[static_cast<std::size_t>(phase)]; }

json phases_of(const ExplainedSample& sample) {
  json phases = json::array();
  for (std::size_t i = 0; i < phase_names.size(); ++i)
    phases.push_back({{"name", phase_names[i]}, {"ns", sample.phase_ns[i]}});
  return phases;
}

json functions_in(const ExplainedSample& sample) {
  json all = json::array();
  for (const FunctionShare& share : functions_of(sample))
    all.push_back({{"name", share.name},
                   {"ns", share.ns},
                   {"task", sample.tasks[share.task].name},
                   {"pid", sample.tasks[share.task].pid},
                   {"phase", name_of(share.phase)}});
  return all;
}

json tasks_in(const ExplainedSample& sample) {
  const auto ns = ns_of_tasks(sample);
  json all = json::array();
  for (std::size_t i = 0; i < sample.tasks.size(); ++i) {
    const ExplainedTask& task = sample.tasks[i];
    all.push_back({{"name", task.name},
                   {"pid", task.pid},
                   {"process", task.process},
                   {"policy", task.policy},
                   {"priority", task.priority},
                   {"ns", ns[i]}});
  }
  return all;
}

json flame_of(const ExplainedSample& sample) {
  json all = json::array();
  for (const ChainShare& share : chains_of(sample))
    all.push_back(
        {{"task", share.task}, {"stack", share.stack}, {"ns", share.ns}, {"phase", name_of(share.phase)}});
  return all;
}

json timeline_of(const ExplainedSample& sample) {
  json all = json::array();
  const Span* before = nullptr;
  for (const Span& span : sample.spans) {
    if (span.end_ns == span.begin_ns) continue;
    const bool goes_on = before != nullptr && before->task == span.task && before->phase == span.phase &&
                         before->interrupt == span.interrupt && before->cpu == span.cpu;
    if (goes_on) {
      all.back()["end_ns"] = span.end_ns;
    } else {
      all.push_back({{"task", span.task},
                     {"cpu", span.cpu},
                     {"phase", name_of(span.phase)},
                     {"interrupt", span.interrupt},
                     {"begin_ns", span.begin_ns},
                     {"end_ns", span.end_ns}});
    }
    before = &span;
  }
  return all;
}

json lanes_of(const ExplainedSample& sample) {
  json all = json::array();
  const Span* before = nullptr;
  for (const Span& span : sample.lanes) {
    if (span.end_ns == span.begin_ns) continue;
    if (before == nullptr || before->cpu != span.cpu)
      all.push_back({{"cpu", span.cpu}, {"timeline", json::array()}});
    json& lane = all.back()["timeline"];
    const bool goes_on = before != nullptr && before->cpu == span.cpu && before->task == span.task &&
                         before->interrupt == span.interrupt;
    if (goes_on)
      lane.back()["end_ns"] = span.end_ns;
    else
      lane.push_back({{"task", span.task},
                      {"interrupt", span.interrupt},
                      {"begin_ns", span.begin_ns},
                      {"end_ns", span.end_ns}});
    before = &span;
  }
  return all;
}

json cross_cpu_in(const ExplainedSample& sample) {
  json all = json::array();
  for (const CrossCpu& each : sample.cross_cpu) {
    json others = json::array();
    for (const CrossCpu::Other& other : each.others)
      others.push_back({{"cpu", other.cpu}, {"task", other.task}, {"stack", stack_of(sample, other.chain)}});
    all.push_back({{"what", cross_cpu_names[static_cast<std::size_t>(each.kind)]},
                   {"begin_ns", each.begin_ns},
                   {"end_ns", each.end_ns},
                   {"cpu", each.cpu},
                   {"task", each.task},
                   {"stack", stack_of(sample, each.chain)},
                   {"others", std::move(others)}});
  }
  return all;
}

json sample_of(const ExplainedSample& sample) {
  return {{"cell", sample.cell},
          {"sample", sample.sample},
          {"stimulus_ns", sample.stimulus_ns},
          {"latency_ns", sample.latency_ns},
          {"why", sample.why},
          {"phases", phases_of(sample)},
          {"functions", functions_in(sample)},
          {"tasks", tasks_in(sample)},
          {"flame", flame_of(sample)},
          {"timeline", timeline_of(sample)},
          {"lanes", lanes_of(sample)},
          {"cross_cpu", cross_cpu_in(sample)}};
}

json timer_of(const ExplainedSample& sample, const ProgramBeside& program) {
  json parts = json::array();
  for (const PathPart& part : timers_parts(sample))
    parts.push_back(
        {{"name", part.name}, {"ns", part.ns}, {"timer", name_of(part.timer)}, {"why", part.why}});
  return {{"program", program.name}, {"says", timers_sentence(sample, program)}, {"parts", std::move(parts)}};
}

json comparison_of(const ExplainedSample& sample, const ExplainedSample& against) {
  json all = json::array();
  for (const Difference& difference : differences(sample, against))
    all.push_back({{"phase", name_of(difference.phase)},
                   {"function", difference.function},
                   {"here_ns", difference.here_ns},
                   {"there_ns", difference.there_ns}});
  return {{"sample", sample.sample},
          {"against", {{"cell", against.cell}, {"sample", against.sample}}},
          {"differences", std::move(all)}};
}

json distribution_of(const std::vector<Band>& bands) {
  json all = json::array();
  std::size_t count = 0;
  for (const Band& band : bands) {
    count += band.count;
    all.push_back({{"from_percent", band.from_percent},
                   {"to_percent", band.to_percent},
                   {"count", band.count},
                   {"latency_ns", {{"min", band.min_ns}, {"max", band.max_ns}}},
                   {"mean_ns", band.mean_ns}});
  }
  return {{"count", count}, {"bands", std::move(all)}};
}

}  // namespace

json to_json(const Explanation& explanation) {
  json explained = json::array();
  for (const ExplainedSample& sample : explanation.explained) {
    explained.push_back(sample_of(sample));
    if (explanation.beside) explained.back()["beside"] = timer_of(sample, *explanation.beside);
  }
  json comparisons = json::array();
  for (const SampleComparison& comparison : explanation.comparisons)
    comparisons.push_back(comparison_of(explanation.explained[comparison.sample], comparison.against));
  json all = {{"format", 2},
              {"time_base", "virtual"},
              {"cell", explanation.cell},
              {"samples_sha256", explanation.samples_sha256},
              {"explained", std::move(explained)},
              {"median", explanation.median ? sample_of(*explanation.median) : json()},
              {"comparisons", std::move(comparisons)}};
  if (explanation.why_asked_not_known.empty()) all["asked_for"] = to_json(explanation.asked_for);
  if (!explanation.bands.empty()) all["distribution"] = distribution_of(explanation.bands);
  return all;
}

json merged_with(json report, const std::string& earlier) {
  const json before = parse_json(earlier);
  if (!before.is_object() || before.value("format", json()) != report["format"] ||
      before.value("cell", json()) != report["cell"] ||
      before.value("samples_sha256", json()) != report["samples_sha256"])
    return report;
  const auto keep = [&](const char* key) {
    if (before.contains(key)) report[key] = before[key];
  };
  if (report["explained"].empty()) {
    keep("explained");
    keep("median");
    keep("comparisons");
  }
  if (!report.contains("distribution")) keep("distribution");
  return report;
}

json without_asked(const std::string& earlier, bool samples, bool phases) {
  json kept = parse_json(earlier);
  if (!kept.is_object()) return nullptr;
  if (samples) {
    kept["explained"] = json::array();
    kept["median"] = nullptr;
    kept["comparisons"] = json::array();
  }
  if (phases) kept.erase("distribution");
  const auto explained = kept.find("explained");
  const bool has_samples = explained != kept.end() && explained->is_array() && !explained->empty();
  return has_samples || kept.contains("distribution") ? kept : json();
}

}  // namespace loopgate
