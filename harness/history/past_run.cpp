#include "history/past_run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/digest.h"
#include "gate/recorded_verdict.h"
#include "gate/verdict.h"
#include "record/derived_files.h"
#include "stats/evidence_digest.h"
#include "stats/stats_run.h"
#include "stats/unmeasured.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Where a file of it is damaged the run is INVALID, whatever it came to when it was whole.
Result<RecordedVerdict> read_verdict(const fs::path& folder, const Comparison& run) {
  if (!unreadable_cells(run).empty()) return RecordedVerdict();
  TRY(recorded, read_recorded_verdict(folder, run, evidence_sha256(run)));
  return recorded.value_or(RecordedVerdict());
}

std::string version_of(const KernelInput& kernel) {
  if (!kernel.version.empty()) return kernel.version;
  if (!kernel.release.empty()) return kernel.release;
  return kernel.image_sha256.substr(0, 12);
}

std::string measured_by(const RunRecord& run, const Comparison& comparison) {
  if (!comparison.self_measured_by.empty()) return comparison.self_measured_by;
  const auto* capture = std::get_if<CaptureMachineRecord>(&run.machine);
  return capture == nullptr ? "instrument" : capture->instrument;
}

std::string tools_of(const RunRecord& run) {
  std::string all = run.target ? run.target->base_sha256 + run.target->programs_sha256 : "";
  if (const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine))
    all += qemu->binary_sha256 + qemu->instrument_sha256;
  return sha256_of(all);
}

// A kernel that failed is what a verdict speaks of; anything else that is not measured leaves no figure.
std::string why_invalid(const GroupEvidence& group) {
  for (const UnmeasuredText& each : unmeasured_texts(group))
    if (!each.kernel_failed) return printable(each.text);
  return {};
}

PastGroup group_of(const GroupEvidence& evidence, const RunRecord& run, const RecordedVerdict& verdict) {
  PastGroup group;
  group.kernel = evidence.kernel;
  group.load = evidence.load;
  const auto load = std::ranges::find(run.loads, evidence.load, &InputFile::name);
  if (load != run.loads.end()) group.load_sha256 = load->sha256;
  const auto kernel = std::ranges::find(run.kernels, evidence.kernel, &KernelInput::name);
  if (kernel != run.kernels.end()) {
    group.version = version_of(*kernel);
    group.image_sha256 = kernel->image_sha256;
  }
  const auto judged = verdict.groups.find({evidence.kernel, evidence.load});
  group.verdict = judged == verdict.groups.end() ? name_of(VerdictKind::not_gated) : judged->second;
  group.why = why_invalid(evidence);
  if (!group.why.empty()) group.verdict = name_of(VerdictKind::invalid);
  if (has_failed_kernel(evidence)) group.verdict = name_of(VerdictKind::fail);
  group.count = evidence.summary.counts.count;
  const bool has_figures = group.why.empty() && group.verdict != name_of(VerdictKind::invalid);
  if (has_figures) group.figures = past_figures(evidence);
  return group;
}

Result<PastRun> read(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::exists(folder / "run.json", ignored) && holds_measurement(folder))  // latmon's, or imported
    return fail(
        ErrorKind::data,
        "is no run but a measurement in bounds, which does not tell when it was made: stats and report "
        "show it");
  TRY(run, read_run_record(folder));
  TRY(comparison, run_statistics(folder));
  TRY(verdict, read_verdict(folder, comparison));
  PastRun past;
  past.started = run.circumstances.started;
  past.suite = comparison.suite;
  past.board = comparison.board;
  past.time_base = comparison.time_base;
  past.measured_by = measured_by(run, comparison);
  past.has_stimuli = !comparison.has_programs_alone();
  past.programs = fmt::format("{}", fmt::join(comparison.programs, ","));
  past.probe = run.probe;
  past.emulator = comparison.emulator;
  past.loopgate = run.loopgate + (run.circumstances.commit.empty() ? "" : " " + run.circumstances.commit);
  if (const auto* qemu = std::get_if<QemuMachineRecord>(&run.machine)) past.qemu = qemu->version;
  past.tools_sha256 = tools_of(run);
  past.verdict = verdict.verdict;
  past.policy = verdict.policy;
  past.run_sha256 = sha256_of(to_json(run));
  for (const GroupEvidence& evidence : comparison.groups)
    past.groups.push_back(group_of(evidence, run, verdict));
  // Whatever an earlier gate said, or where none has.
  if (std::ranges::any_of(past.groups, [](const PastGroup& group) { return !group.why.empty(); }))
    past.verdict = name_of(VerdictKind::invalid);
  if (std::ranges::any_of(comparison.groups, has_failed_kernel)) past.verdict = name_of(VerdictKind::fail);
  return past;
}

}  // namespace

PastRun read_past_run(const fs::path& folder) {
  PastRun past;
  std::error_code ignored;
  auto read_back = read(folder);
  if (read_back)
    past = *std::move(read_back);
  else {
    std::string what = read_back.error().what;
    if (what.starts_with(folder.string() + " "))
      what.erase(0, folder.string().size() + 1);  // which is told before
    past.problem = printable(what);
    past.left_out = read_back.error().kind == ErrorKind::usage && fs::exists(folder / "run.json", ignored);
  }
  past.folder = folder;
  past.name = fs::weakly_canonical(folder).filename().string();
  past.has_page = fs::exists(folder / "report" / "index.html", ignored);
  return past;
}

}  // namespace loopgate
