#include "explain/document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>

#include "explain/ledger.h"
#include "explain/sentence.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr std::size_t functions_shown = 8;
constexpr std::size_t differences_shown = 6;
constexpr int bar_width = 30;

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
                         before->interrupt == span.interrupt;
    if (goes_on) {
      all.back()["end_ns"] = span.end_ns;
    } else {
      all.push_back({{"task", span.task},
                     {"phase", name_of(span.phase)},
                     {"interrupt", span.interrupt},
                     {"begin_ns", span.begin_ns},
                     {"end_ns", span.end_ns}});
    }
    before = &span;
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
          {"timeline", timeline_of(sample)}};
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

std::string share_of(std::int64_t part, std::int64_t whole) {
  return fmt::format("{:5.1f} %", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

// Each phase's bar begins where the one before ends.
std::string waterfall(const ExplainedSample& sample) {
  std::string text;
  std::int64_t begin = 0;
  const auto column = [&](std::int64_t ns) { return static_cast<int>(ns * bar_width / sample.latency_ns); };
  for (std::size_t i = 0; i < phase_names.size(); ++i) {
    const std::int64_t end = begin + sample.phase_ns[i];
    const int width = std::max(column(end) - column(begin), sample.phase_ns[i] > 0 ? 1 : 0);
    text += fmt::format("  {:<33} {:>11} ns {}  {:{}}{}\n", phase_names[i], sample.phase_ns[i],
                        share_of(sample.phase_ns[i], sample.latency_ns), "", column(begin),
                        std::string(static_cast<std::size_t>(width), '#'));
    begin = end;
  }
  return text;
}

std::string functions_text(const ExplainedSample& sample) {
  std::string text = "  most of its time\n";
  std::size_t shown = 0;
  for (const FunctionShare& share : functions_of(sample)) {
    if (shown++ == functions_shown) break;
    text += fmt::format("  {:>11} ns {}  {:<32} {} ({}), {}\n", share.ns,
                        share_of(share.ns, sample.latency_ns), share.name, sample.tasks[share.task].name,
                        sample.tasks[share.task].policy, name_of(share.phase));
  }
  return text;
}

std::string comparison_text(const ExplainedSample& sample, const ExplainedSample& against) {
  std::string text = fmt::format("  against sample {} of {} ({})\n", against.sample, against.cell,
                                 short_time(against.latency_ns));
  std::size_t shown = 0;
  for (const Difference& difference : differences(sample, against)) {
    if (shown++ == differences_shown) break;
    text += fmt::format("  {:>+11} ns  {:<32} {} ({} ns here, {} ns there)\n",
                        difference.here_ns - difference.there_ns, difference.function,
                        name_of(difference.phase), difference.here_ns, difference.there_ns);
  }
  return text;
}

std::string bands_text(const std::vector<Band>& bands) {
  std::string text = fmt::format("  {:<20} {:>8} {:>11}  mean virtual ns in each phase\n", "share of samples",
                                 "count", "mean");
  for (const Band& band : bands) {
    const double mean = std::accumulate(band.mean_ns.begin(), band.mean_ns.end(), 0.0);
    text += fmt::format("  {:>6.4g} to {:<6.5g} % {:>9} {:>11}  ", band.from_percent, band.to_percent,
                        band.count, short_time(static_cast<std::int64_t>(mean)));
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < phase_names.size(); ++i) {
      if (band.mean_ns[i] >= mean / 100)
        parts.push_back(fmt::format("{} {:.0f}", phase_names[i], band.mean_ns[i]));
    }
    text += fmt::format("{}\n", fmt::join(parts, ", "));
  }
  return text;
}

}  // namespace

json document_of(const Explanation& explanation) {
  json explained = json::array();
  for (const ExplainedSample& sample : explanation.explained) explained.push_back(sample_of(sample));
  json comparisons = json::array();
  for (const Comparison& comparison : explanation.comparisons)
    comparisons.push_back(comparison_of(explanation.explained[comparison.sample], comparison.against));
  json all = {{"format", 1},
              {"time_base", "virtual"},
              {"cell", explanation.cell},
              {"samples_sha256", explanation.samples_sha256},
              {"explained", std::move(explained)},
              {"median", explanation.median ? sample_of(*explanation.median) : json()},
              {"comparisons", std::move(comparisons)}};
  if (!explanation.bands.empty()) all["distribution"] = distribution_of(explanation.bands);
  return all;
}

std::string screen_of(const Explanation& explanation) {
  std::string text;
  for (std::size_t i = 0; i < explanation.explained.size(); ++i) {
    const ExplainedSample& sample = explanation.explained[i];
    text += fmt::format("\n{}, sample {}: {} (virtual)\n  {}\n\n{}{}", sample.cell, sample.sample,
                        short_time(sample.latency_ns), sample.why, waterfall(sample), functions_text(sample));
    for (const Comparison& comparison : explanation.comparisons) {
      if (comparison.sample == i) text += comparison_text(sample, comparison.against);
    }
  }
  if (!explanation.bands.empty())
    text += fmt::format("\n{}, every answered sample, by latency (virtual)\n{}", explanation.cell,
                        bands_text(explanation.bands));
  return text;
}

}  // namespace loopgate
