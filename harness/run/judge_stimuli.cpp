#include "run/judge_stimuli.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>
#include <vector>

#include "base/text.h"
#include "record/cell_files.h"
#include "run/judge.h"
#include "schedule/due_times.h"
#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

std::vector<SelfCheck> self_checks_of(const SampleFile& file) {
  std::vector<SelfCheck> checks;
  for (const Sample& sample : file.samples) {
    if ((sample.flags & sample_self_check) == 0) continue;
    checks.push_back(
        {PulseTrain::known_delay_ns(sample.index), sample.answered() ? sample.latency_ns() : -1});
  }
  return checks;
}

// On the virtual clock, what was measured must be equal to the nanosecond.
bool passes_virtual(const SelfCheck& check) { return check.measured_ns == check.known_ns; }

// On a board the known delay goes through the bare wire, whose edges the kernel stamps: no less can be right,
// and what is more is the wire's and the interrupt's own share.
bool passes_wall(const SelfCheck& check) { return check.measured_ns >= check.known_ns; }

// The bare wire's share of a latency, in the median: a spike of it is the kernel's, and is what is looked
// for.
std::int64_t jumper_overhead_ns(const std::vector<SelfCheck>& checks) {
  std::vector<std::int64_t> shares;
  for (const SelfCheck& check : checks) shares.push_back(check.measured_ns - check.known_ns);
  const auto middle = shares.begin() + static_cast<std::ptrdiff_t>(shares.size() / 2);
  std::nth_element(shares.begin(), middle, shares.end());
  return *middle;
}

// The instrument answered some stimuli itself, after known delays.
void judge_self_checks(const SampleFile& file, const PulseSettings& pulses, bool wall, Outcome* outcome) {
  std::uint32_t passed = 0;
  const std::vector<SelfCheck> checks = self_checks_of(file);
  outcome->self_checks = checks;
  for (const SelfCheck& check : checks) {
    if (wall ? passes_wall(check) : passes_virtual(check)) {
      ++passed;
    } else {
      set_invalid(
          outcome,
          fmt::format("the instrument's self-check failed: a known delay of {} ns was measured as {} ns",
                      check.known_ns, check.measured_ns));
    }
  }
  if (passed != pulses.self_checks)
    set_invalid(outcome,
                fmt::format("{} of the instrument's {} self-checks passed", passed, pulses.self_checks));
  outcome->self_check_passed = passed == pulses.self_checks;
  if (!wall || checks.empty() || !outcome->self_check_passed) return;
  outcome->jumper_overhead_ns = jumper_overhead_ns(checks);
  if (*outcome->jumper_overhead_ns <= pulses.deadline_ns) return;
  outcome->self_check_passed = false;
  set_invalid(
      outcome,
      fmt::format("the bare wire takes {} ns by itself, and the deadline is {} ns: nothing could be told",
                  *outcome->jumper_overhead_ns, pulses.deadline_ns));
}

// The stimuli fell due when the suite's intervals and the cell's seed say. In a closed loop the answers
// decide that, too.
// The loopback program makes its self-checks before, on a schedule of their own: it is not judged so.
std::optional<bool> judge_schedule(const SampleFile& file, const PulseSettings& pulses, Outcome* outcome) {
  if (pulses.back_to_back || file.samples.empty()) return std::nullopt;
  DueTimes schedule(pulses, 0);
  const std::int64_t begin_ns = file.samples.front().due_ns - schedule.next().value_or(0);
  DueTimes again(pulses, begin_ns);
  for (const Sample& sample : file.samples) {
    const auto due_ns = again.next();
    if (due_ns && *due_ns == sample.due_ns) continue;
    set_invalid(outcome,
                due_ns ? fmt::format("stimulus {} fell due {} ns off the schedule that was asked for",
                                     sample.index, sample.due_ns - *due_ns)
                       : fmt::format("stimulus {} was not asked for: the schedule has fewer", sample.index),
                "its instrument, or its file samples.lgs, is another one's");
    return false;
  }
  return true;
}

std::optional<std::uint64_t> count_in(const nlohmann::json& printed, const char* key) {
  if (!printed.is_object()) return std::nullopt;
  const auto found = printed.find(key);
  if (found == printed.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

// What the payload says, at its end, that it took in and answered.
struct PayloadsOwn {
  std::uint64_t events = 0;
  std::uint64_t answered = 0;
};

// Of the stimuli that were not answered: which never came to the payload, and which answers never came to the
// instrument. One that it saw too late is heard.
std::optional<LostEdges> lost_edges_of(const StimuliSeen& seen, const PulseSettings& pulses,
                                       const PayloadsOwn& own) {
  if (seen.counts.answered + seen.counts.unanswered < pulses.self_checks) return std::nullopt;
  LostEdges edges;
  edges.sent = (seen.counts.answered + seen.counts.unanswered - pulses.self_checks) * pulses.frames;
  edges.arrived = std::min(own.events, edges.sent);
  edges.no_room = std::min(count_in(seen.payload, "overruns").value_or(0), edges.sent - edges.arrived);
  const std::uint64_t heard = seen.counts.answered -
                              std::min<std::uint64_t>(seen.counts.answered, pulses.self_checks) +
                              seen.counts.spurious;
  const std::uint64_t asked = edges.sent / pulses.frames;
  edges.unheard = std::min(own.answered, asked) - std::min({own.answered, asked, heard});
  if (edges.lost() == 0) return std::nullopt;
  edges.bare_wire_sent = count_in(seen.wire, "edges_sent").value_or(0);
  edges.bare_wire_lost =
      std::min(edges.bare_wire_sent, count_in(seen.wire, "stimulus_edges_lost").value_or(0) +
                                         count_in(seen.wire, "response_edges_lost").value_or(0));
  return edges;
}

// Each was answered when it ended, and none when it began.
bool answers_the_other_edge(const PulseCounts& counts, const PulseSettings& pulses) {
  return counts.answered <= pulses.self_checks && counts.unanswered > 0 &&
         counts.spurious + 1 >= counts.unanswered && counts.spurious > 0 &&
         counts.spurious <= counts.unanswered;
}

void judge_answers(const StimuliSeen& seen, const PulseSettings& pulses, Outcome* outcome) {
  const PulseCounts& counts = seen.counts;
  if (answers_the_other_edge(counts, pulses))
    set_invalid(
        outcome,
        fmt::format(
            "the payload answered {} of {} stimuli after they had ended, and none before: it answers "
            "the {} edge, and the suite's stimulus is the {} one; or it takes longer than the response "
            "timeout",
            counts.spurious, counts.unanswered, pulses.falls ? "rising" : "falling",
            pulses.falls ? "falling" : "rising"),
        "give the payload --edge {edge}, or the suite's [schedule] the other edge");
  // An answer that comes after its stimulus was given up is late, not unasked.
  if (counts.spurious > counts.unanswered)
    set_invalid(outcome,
                fmt::format("the payload answered {} times when nothing was asked", counts.spurious));
  if (counts.unanswered == 0) return;
  const auto events = count_in(seen.payload, "events");
  auto answered = count_in(seen.payload, "decisions");
  if (!answered) answered = count_in(seen.payload, "responses");
  if (!events || !answered) {
    set_invalid(outcome,
                fmt::format("{} stimuli were not answered, and the payload did not say how many it took in",
                            counts.unanswered),
                "a payload prints {\"events\": …, \"responses\": …} at its end, or nobody can tell whose "
                "fault it was");
    return;
  }
  outcome->lost_edges = lost_edges_of(seen, pulses, {*events, *answered});
  // A decision takes several events in where several frames make one.
  if (*events / pulses.frames > *answered)
    set_invalid(outcome,
                fmt::format("the payload took {} stimuli in and answered {} of them", *events, *answered),
                "this is the payload's fault, not the kernel's");
}

std::nullopt_t refuse(const Error& error, Outcome* outcome) {
  set_invalid(outcome, error.what);
  return std::nullopt;
}

// An infrastructure or data error makes the cell INVALID.
std::optional<Loaded<SampleFile>> judge_samples(const PulseSettings& pulses, const StimuliSeen& seen,
                                                Outcome* outcome) {
  auto samples = load_samples(seen.folder);
  if (!samples) return refuse(samples.error(), outcome);
  outcome->artifacts[samples_artifact.name] = samples->sha256;
  outcome->records = samples->file.samples.size();
  if (samples->file.header.time_base != seen.time_base)
    set_invalid(outcome, fmt::format("{}: is of {} time, and the board of {} time",
                                     (seen.folder / samples_artifact.name).string(),
                                     name_of(samples->file.header.time_base), name_of(seen.time_base)));
  judge_self_checks(samples->file, pulses, seen.time_base == TimeBase::wall_clock, outcome);
  return std::move(*samples);
}

std::optional<CellFigures> judge_figures(const std::string& cell, const RawCell& raw, Outcome* outcome) {
  auto figures = figures_of(cell, raw);
  if (!figures) return refuse(figures.error(), outcome);
  if (const std::string why = nothing_to_judge(figures->measured.counts); !why.empty())
    set_invalid(outcome, why,
                "are the payload's {stimulus} and {response} exchanged, or its jumper open? A kernel that "
                "delivers nothing at all looks the same: see evidence.json for what the payload took in");
  return std::move(*figures);
}

std::optional<CellFigures> figures_of_responses(const ResponseRequest& work, const StimuliSeen& seen,
                                                const Loaded<SampleFile>& samples, Outcome* outcome) {
  RawCell raw{.samples = samples};
  Loaded<StampsFile> stamps;
  Loaded<ProbeFile> probe;
  if (work.stamps) {
    auto loaded = load_stamps(seen.folder);
    if (!loaded) return refuse(loaded.error(), outcome);
    stamps = std::move(*loaded);
    outcome->artifacts[stamps_artifact.name] = stamps.sha256;
    raw.stamps = &stamps.file;
  }
  if (work.probe) {
    auto loaded = load_probe(seen.folder);
    if (!loaded) return refuse(loaded.error(), outcome);
    probe = std::move(*loaded);
    outcome->artifacts[probe_artifact.name] = probe.sha256;
    raw.probe = &probe.file;
  }
  if (work.trace) {
    auto sha256 = check_trace(seen.folder);
    if (!sha256) return refuse(sha256.error(), outcome);
    outcome->artifacts[trace_artifact.name] = std::move(*sha256);
  }
  return judge_figures(seen.cell, raw, outcome);
}

std::optional<CellFigures> figures_of_decisions(const DecisionRequest& work, const StimuliSeen& seen,
                                                const Loaded<SampleFile>& samples, Outcome* outcome) {
  const auto frames = load_frames(seen.folder);
  if (!frames) return refuse(frames.error(), outcome);
  outcome->artifacts[frames_artifact.name] = frames->sha256;
  const SceneShape shape = {work.pulses.frames, work.pulses.frame_interval_ns};
  return judge_figures(seen.cell, RawCell{.samples = samples, .frames = &frames->file, .decisions = shape},
                       outcome);
}

}  // namespace

void leave_out_answers_after_the_end(const std::vector<Sample>& samples, Outcome* outcome) {
  if (!outcome->lost_edges) return;
  std::uint64_t last_ones = 0;
  for (const Sample& sample : std::views::reverse(samples)) {
    if (sample.answered()) break;
    if (sample.sent()) ++last_ones;
  }
  LostEdges& edges = *outcome->lost_edges;
  edges.unheard -= std::min(edges.unheard, last_ones);
  if (edges.lost() == 0) outcome->lost_edges.reset();
}

void judge_shifted_decisions(TimeBase time_base, const DecisionCounts& decisions, Outcome* outcome) {
  if (time_base != TimeBase::wall_clock || !outcome->lost_edges || decisions.wrong_frame == 0) return;
  const std::uint64_t lost = outcome->lost_edges->lost() - outcome->lost_edges->unheard;
  if (lost == 0) return;
  set_invalid(
      outcome,
      fmt::format("{} of {} edges never came to the payload, which numbers its frames by those that come: "
                  "{} decisions are of another frame than the one that waited",
                  with_thousands(lost), with_thousands(outcome->lost_edges->sent),
                  with_thousands(decisions.wrong_frame)),
      "measure again; of a chip that loses edges, take other lines");
}

StimuliFindings judge_stimuli(const ResponseRequest& work, const StimuliSeen& seen, Outcome* outcome) {
  StimuliFindings findings;
  judge_answers(seen, work.pulses, outcome);
  const auto samples = judge_samples(work.pulses, seen, outcome);
  if (!samples) return findings;
  leave_out_answers_after_the_end(samples->file.samples, outcome);
  const bool own_instrument = seen.time_base == TimeBase::virtual_time && !work.bench_monitors;
  if (own_instrument && seen.drawn)
    findings.schedule_kept = judge_schedule(samples->file, work.pulses, outcome);
  findings.figures = figures_of_responses(work, seen, *samples, outcome);
  return findings;
}

StimuliFindings judge_stimuli(const DecisionRequest& work, const StimuliSeen& seen, Outcome* outcome) {
  StimuliFindings findings;
  judge_answers(seen, work.pulses, outcome);
  const auto samples = judge_samples(work.pulses, seen, outcome);
  if (!samples) return findings;
  leave_out_answers_after_the_end(samples->file.samples, outcome);
  if (seen.time_base == TimeBase::virtual_time)
    findings.schedule_kept = judge_schedule(samples->file, work.pulses, outcome);
  findings.figures = figures_of_decisions(work, seen, *samples, outcome);
  if (findings.figures && findings.figures->measured.decisions)
    judge_shifted_decisions(seen.time_base, *findings.figures->measured.decisions, outcome);
  if (auto said = payload_work_in(seen.payload); !said) {
    set_invalid(outcome, said.error().what);
  } else {
    outcome->work = std::move(*said);
  }
  return findings;
}

}  // namespace loopgate
