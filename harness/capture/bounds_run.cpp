#include "capture/bounds_run.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "base/text.h"
#include "base/units.h"
#include "capture/import_files.h"
#include "capture/imported_file.h"
#include "capture/latmon_evidence.h"
#include "gate/comparison_table.h"
#include "gate/evaluate.h"
#include "gate/verdict_files.h"
#include "gate/verdict_text.h"
#include "record/derived_files.h"
#include "stats/resolution.h"
#include "stats/unconfirmed.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

bool there_is(const fs::path& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

LatencyHistogram histogram_of(const LatmonData& data, const LatmonSummary& summary) {
  LatencyHistogram histogram;
  histogram.bin_width_ns = latmon_cell_ns;
  histogram.min_ns = summary.min_ns;
  histogram.max_ns = summary.max_ns;
  for (const std::uint32_t cell : data.histogram) histogram.count.push_back(cell);
  if (!histogram.count.empty()) {  // its last cell has no upper end
    histogram.overflow = histogram.count.back();
    histogram.count.pop_back();
  }
  return histogram;
}

BoundsRun of_latmon(const LatmonFile& file) {
  BoundsRun run;
  run.evidence = evidence_of(file);
  run.measured_by = "latmon";
  const auto summary = summarize(file.data);
  if (!summary) return run;
  run.histograms.push_back(histogram_of(file.data, *summary));
  run.not_known = latmon_not_known(*summary);
  return run;
}

void add_facts(const ImportedSource& source, BoundsRun* run) {
  const SelfMeasurement& measured = source.measurement;
  const auto add = [&](const char* name, const std::string& value) {
    run->facts.emplace_back(name, value.empty() ? "not told" : printable(value));
  };
  add("file", source.name);
  add("sha256", source.sha256);
  add("program", measured.version.empty() ? measured.program : measured.program + " " + measured.version);
  add("command", measured.command);
  add("measures", measured.quantity);
  add("clock", measured.clock);
  add("resolution", duration_text(measured.latencies.resolution_ns));
  add("beyond the last bin", with_thousands(measured.latencies.overflow));
  add("kernel that it names", measured.system);
  add("PREEMPT_RT of that kernel", name_of(measured.preempt_rt));
  add("load that it names", measured.load);
}

// With as many decimals as say something: "1,475 us", "1,475.5 us".
std::string exact_us(std::int64_t ns) {
  std::string text = with_thousands(static_cast<std::uint64_t>(ns / 1000));
  if (const std::int64_t rest = ns % 1000; rest != 0) {
    text += fmt::format(".{:03}", rest);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + " us";
}

std::string interval_line(const char* label, const LatencyRange& range) {
  if (range.high_ns == range.low_ns)
    return fmt::format("  {:<7}      {:>14}\n", label, exact_us(range.low_ns));
  return fmt::format("  {:<7} from {:>14} {}\n", label, exact_us(range.low_ns),
                     range.high_ns ? fmt::format("to {:>14}", exact_us(*range.high_ns)) : "upwards");
}

// All of the intervals, to the nanosecond as the gate judges them.
std::string intervals_text(const BoundsRun& run) {
  const GroupEvidence& group = run.group();
  const Tail& tail = *group.pooled;
  std::string text =
      fmt::format("suite {} · board {} · {} · kernel {} · load {} · {}\n", run.evidence.suite.name,
                  run.evidence.board.name, time_base_text(run.evidence), group.kernel, group.load,
                  counted_text(tail.count(), latencies_noun));
  if (tail.count() == 0) return text;
  text += interval_line("min", tail.min());
  bool unresolved = false;
  for (const Quantity& each : quantiles) {
    const bool resolved = is_resolved(each.per_million, tail.total().least);
    text += resolved ? interval_line(each.label, tail.quantile(each.per_million))
                     : fmt::format("  {:<7} -\n", each.label);
    unresolved = unresolved || !resolved;
  }
  text += interval_line("max", tail.max());
  return unresolved ? fmt::format("{}  {}\n", text, unresolved_text(counted_noun(run.evidence))) : text;
}

}  // namespace

bool holds_bounds(const fs::path& folder) {
  return !there_is(folder / "run.json") &&
         (there_is(folder / "latmon.json") || there_is(folder / "imported.json"));
}

Result<BoundsRun> bounds_of(const ImportedRun& imported) {
  BoundsRun run;
  TRY(evidence, evidence_of(imported));
  run.evidence = std::move(evidence);
  run.measured_by = run.evidence.self_measured_by;
  for (const ImportedSource& each : imported.sources) {
    add_facts(each, &run);
    const SelfMeasurement& measured = each.measurement;
    run.resolution_ns = std::max(run.resolution_ns, measured.latencies.resolution_ns);
    run.histograms.push_back(measured.latencies);
    const bool several = imported.sources.size() > 1;
    for (const ThreadLatencies& thread : measured.threads) {
      run.threads.push_back(thread);
      if (several) run.threads.back().name = each.name + ": " + thread.name;
    }
    for (const std::string& remark : measured.remarks)
      run.remarks.push_back(printable(several ? each.name + ": " + remark : remark));
    if (measured.preempt_rt == PreemptRt::yes && !claims_preempt_rt(imported.board.kernel))
      run.remarks.push_back(printable(fmt::format(
          "{}: its kernel has PREEMPT_RT, which the name {} leaves out", each.name, imported.board.kernel)));
  }
  run.not_known = {
      fmt::format("single latencies: {} keeps a histogram, so each quantile is [least, most] that it can be",
                  run.measured_by),
      "what an instrument beside the board would have seen: the program took the figures of itself, with the "
      "board's own clock",
      "what fell due while it was late: it skips that, so that its quantiles leave out some of the waiting",
      "whether kernel, load and tuning were what the command line of the import says"};
  for (const ImportedSource& each : imported.sources)
    if (!each.is_kept)
      run.not_known.push_back(
          printable(fmt::format("whether imported.json says what {} said: there is no copy of it beside it, "
                                "which there is of up to {} "
                                "MiB",
                                each.name, kept_source_max >> 20U)));
  for (std::string& sentence : unconfirmed_sentences(run.evidence))
    run.not_known.push_back(printable(sentence));
  return run;
}

Result<BoundsRun> read_bounds(const fs::path& folder) {
  if (there_is(folder / "latmon.json")) {
    TRY(file, read_latmon_file(folder / "latmon.json"));
    BoundsRun run = of_latmon(file);
    TRY(sha256, sha256_of_file(folder / "latmon.json"));
    run.evidence_sha256 = std::move(sha256);
    return run;
  }
  TRY(imported, read_imported_file(folder / "imported.json"));
  TRY_STATUS(check_sources(folder, imported));
  auto run = bounds_of(imported);
  if (!run)
    return fail(run.error().kind,
                fmt::format("{}: {}", (folder / "imported.json").string(), run.error().what), "import again");
  TRY(sha256, sha256_of_file(folder / "imported.json"));
  run->evidence_sha256 = std::move(sha256);
  return run;
}

Result<Verdict> judge(const Comparison& evidence, const Policy& policy) {
  return evaluate(evidence, policy, std::nullopt, Coverage::any_budget);
}

namespace {

Result<GatedBounds> judge_bounds(const fs::path& folder, const fs::path& policy) {
  TRY(rules, read_policy(policy));
  TRY(measured, read_bounds(folder));
  TRY(verdict, judge(measured.evidence, rules));
  verdict.evidence_sha256 = measured.evidence_sha256;
  return GatedBounds{std::move(measured), std::move(verdict)};
}

}  // namespace

Result<GatedBounds> gate_bounds(const fs::path& folder, const fs::path& policy) {
  TRY(judged, without_earlier(judge_bounds(folder, policy), [&] { return remove_verdict(folder); }));
  TRY_STATUS(remove_verdict(folder));
  TRY_STATUS(write_verdict(folder, judged.verdict, judged.measured.evidence));
  return judged;
}

std::string bounds_text(const BoundsRun& run, const Verdict* verdict) {
  std::string text = verdict == nullptr ? intervals_text(run) : comparison_table(run.evidence, verdict);
  if (run.threads.size() > 1) {
    const auto worst = std::ranges::max_element(
        run.threads, {}, [](const ThreadLatencies& each) { return each.max_ns.value_or(INT64_MAX); });
    text += fmt::format("{} threads, pooled; the largest is of thread {}\n", run.threads.size(),
                        printable(worst->name));
  }
  std::uint64_t beyond = 0;
  for (const LatencyHistogram& each : run.histograms) beyond += each.overflow;
  if (beyond > 0)
    text += fmt::format("{} of them {} beyond the last bin: known from its end to the largest alone\n",
                        with_thousands(beyond), beyond == 1 ? "is" : "are");
  for (const std::string& remark : run.remarks) text += remark + "\n";
  if (verdict == nullptr)
    for (const UnmeasuredCell& each : run.group().invalid)
      text += fmt::format("INVALID: {}: {}\n", printable(each.cell), printable(each.reason));
  if (verdict == nullptr) text += unconfirmed_text(run.evidence);
  return text + "A histogram, no single samples: a figure is known from its bounds alone.\n";
}

}  // namespace loopgate
