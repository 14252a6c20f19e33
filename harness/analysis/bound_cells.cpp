#include "analysis/bound_cells.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>

#include "analysis/bound.h"
#include "analysis/section_places.h"
#include "base/units.h"
#include "explain/explain.h"
#include "record/derived_files.h"
#include "record/hunt_file.h"
#include "run/progress.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

Result<std::vector<SampleMoments>> trace_moments(Replay* replay, const HuntedStimulus* hunted) {
  Progress progress(stderr, ::isatty(STDERR_FILENO) != 0, 0, replay->measured().samples.samples.size());
  const ProgressListener on_progress = [&](Stage stage, const InstrumentEvent& event) {
    progress.update("tracing " + replay->measured().name + ":", stage, event);
  };
  TRY(arch, explain_arch(name_of(replay->board().architecture)));
  return moments_of_all({replay, arch, {}, on_progress}, hunted);
}

std::int64_t max_of(const std::vector<SampleMoments>& samples) {
  std::int64_t max_ns = 0;
  for (const SampleMoments& sample : samples) max_ns = std::max(max_ns, sample.latency_ns);
  return max_ns;
}

// A latency that has no end is above every bound.
Status check_all_answered(const MeasuredCell& cell) {
  for (const Sample& sample : cell.samples.samples)
    if (sample.counted() && sample.sent() && !sample.answered())
      return fail(ErrorKind::usage,
                  fmt::format("{}: sample {} was never answered, so its latencies have no bound", cell.name,
                              sample.index),
                  "find out why: `loopgate gate` fails a run that leaves a stimulus unanswered");
  return {};
}

// A recorded run, and what its windows come to.
struct RecordedRun {
  std::vector<SampleMoments> samples;
  CellWorstCase figures;  // its bound, terms and longest windows
};

Result<RecordedRun> record_run(Replay* replay, const HuntedStimulus* hunted) {
  TRY(recorded, record_windows(replay, hunted));
  TRY(samples, trace_moments(replay, hunted));
  TRY(bound, compose_bound(recorded.windows, samples, &recorded.symbols));
  RecordedRun run;
  run.figures.cell = replay->measured().name;
  run.figures.preemptible = recorded.windows.preemptible;
  run.figures.longest_irq_off =
      longest_window(recorded.windows, SectionKind::interrupts_off, &recorded.symbols);
  run.figures.longest_preempt_off =
      longest_window(recorded.windows, SectionKind::preemption_off, &recorded.symbols);
  run.figures.bound_ns = bound.bound_ns;
  run.figures.terms = std::move(bound.terms);
  TRY_STATUS(check_bound(run.figures, samples));
  run.samples = std::move(samples);
  return run;
}

void take_longer(LongestWindow other, LongestWindow* window) {
  if (other.ns > window->ns) *window = std::move(other);
}

// A hunt's run has windows of its own, and the larger bound is that of both.
void take_larger(CellWorstCase hunted, CellWorstCase* figures) {
  take_longer(std::move(hunted.longest_irq_off), &figures->longest_irq_off);
  take_longer(std::move(hunted.longest_preempt_off), &figures->longest_preempt_off);
  if (hunted.bound_ns <= figures->bound_ns) return;
  figures->bound_ns = hunted.bound_ns;
  figures->terms = std::move(hunted.terms);
  for (BoundTerm& term : figures->terms) term.from += ", in the hunted run";
}

// What `hunt` found worst in the same measurement of the cell; nothing where it did not look.
const HuntedStimulus* hunted_in(const std::vector<HuntedCell>& hunt, const MeasuredCell& cell) {
  const auto found = std::ranges::find_if(hunt, [&](const HuntedCell& each) {
    return each.cell == cell.name && each.samples_sha256 == cell.samples_sha256 && !each.worst.empty();
  });
  return found == hunt.end() ? nullptr : &found->worst.front();
}

Result<BoundedCell> bound_cell(const SectionsRequest& request, const DescribedCell& cell,
                               const std::vector<HuntedCell>& hunt, const LoopgateVersion& version,
                               const Notify& notify) {
  TRY(replay, Replay::open(request.run, cell.name, version, notify, request.stop, MeasuredBy::instrument,
                           Again::on_one_cpu));
  TRY_STATUS(check_sound(replay.measured()));
  TRY_STATUS(check_all_answered(replay.measured()));
  const HuntedStimulus* hunted = hunted_in(hunt, replay.measured());
  TRY(own, record_run(&replay, nullptr));
  BoundedCell bounded;
  CellWorstCase& figures = bounded.figures;
  figures = std::move(own.figures);
  figures.kernel = cell.kernel;
  figures.load = cell.load;
  figures.samples_sha256 = replay.measured().samples_sha256;
  figures.samples = own.samples.size();
  figures.observed_max_ns = max_of(own.samples);
  if (hunted == nullptr) return bounded;
  figures.with_hunted_ns = hunted->latency_ns;
  TRY(also, record_run(&replay, hunted));
  take_larger(std::move(also.figures), &figures);
  return bounded;
}

// Before any run is made: as for random ones.
Status check_hunts_answered(const std::vector<DescribedCell>& cells, const Comparison& statistics) {
  for (const GroupEvidence& group : statistics.groups)
    for (const HuntedCell& hunted : group.hunted) {
      const bool is_asked = std::ranges::find(cells, hunted.cell, &DescribedCell::name) != cells.end();
      if (is_asked && !hunted.worst.empty() && !hunted.worst.front().answered)
        return fail(ErrorKind::usage,
                    hunted.cell + ": a hunted stimulus was never answered, so its latencies have no bound",
                    "name other cells with --cell; hunt.json has the stimulus: when it was sent, and with "
                    "which seed");
    }
  return {};
}

void add_replicates(const Comparison& statistics, BoundedCell* cell) {
  const GroupEvidence* group = find_group(statistics, cell->figures.kernel, cell->figures.load);
  if (group == nullptr) return;
  for (const Replicate& each : group->replicates) {
    if (!each.latency) continue;
    ++cell->replicates;
    cell->samples_of_all += each.counts.count;
    cell->max_of_all_ns = std::max(cell->max_of_all_ns, each.latency->max);
  }
}

}  // namespace

LongestWindow longest_window(const RecordedSections& sections, SectionKind kind, Symbols* symbols) {
  const SectionRecord* longest = nullptr;
  for (const SectionRecord& window : sections.windows)
    if (sections.kind_of(window) == kind && (longest == nullptr || window.length_ns > longest->length_ns))
      longest = &window;
  if (longest == nullptr) return {};
  return {longest->length_ns, place_name(sections.places[longest->places].closed, symbols).function,
          task_name(sections.tasks[longest->task])};
}

Status check_bound(const CellWorstCase& figures, const std::vector<SampleMoments>& samples) {
  for (const SampleMoments& sample : samples)
    if (sample.latency_ns > figures.bound_ns)
      return fail(
          ErrorKind::data,
          fmt::format("{}: sample {} took {}, and the bound composed of its run is {}: the model is "
                      "broken, and this is no bound",
                      figures.cell, sample.sample, us_text(sample.latency_ns), us_text(figures.bound_ns)),
          fmt::format("please report it, with what `loopgate explain --cell {} --sample {}` says",
                      figures.cell, sample.sample));
  return {};
}

Result<Bounds> bound_cells(const SectionsRequest& request, const LoopgateVersion& version,
                           const Notify& notify) {
  TRY(run, read_run_record(request.run));
  TRY(cells, section_cells(request, run));
  TRY(statistics, run_statistics(request.run));
  TRY(hunt, read_hunt(request.run));
  TRY_STATUS(check_hunts_answered(cells, statistics));
  Bounds bounds;
  for (const DescribedCell& cell : cells) {
    TRY(each, bound_cell(request, cell, hunt.value_or(std::vector<HuntedCell>()), version, notify));
    add_replicates(statistics, &each);
    bounds.cells.push_back(std::move(each));
  }
  for (GroupEvidence& group : statistics.groups)
    for (CellWorstCase& each : group.worst_cases)
      if (std::ranges::find(cells, each.cell, &DescribedCell::name) == cells.end())
        bounds.kept.push_back(std::move(each));
  return bounds;
}

Status forget_bounds(const SectionsRequest& request) {
  const auto run = read_run_record(request.run);
  const auto cells = run ? section_cells(request, *run) : tl::unexpected(run.error());
  auto all = read_worst_cases(request.run);
  if (!cells || !all || !*all) return remove_worst_cases(request.run);
  std::erase_if((*all)->cells, [&](const CellWorstCase& each) {
    return std::ranges::find(*cells, each.cell, &DescribedCell::name) != cells->end();
  });
  if ((*all)->cells.empty()) return remove_worst_cases(request.run);
  TRY(written, write_worst_cases(request.run, **all));
  (void)written;
  return {};
}

WorstCases worst_cases_of(const Bounds& bounds) {
  WorstCases all;
  for (const BoundedCell& cell : bounds.cells) all.cells.push_back(cell.figures);
  all.cells.insert(all.cells.end(), bounds.kept.begin(), bounds.kept.end());
  return all;
}

}  // namespace loopgate
