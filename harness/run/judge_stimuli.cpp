#include "run/judge_stimuli.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "record/cell_files.h"
#include "run/judge.h"
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

}  // namespace

std::optional<CellFigures> judge_files(const CellRequest& request, TimeBase time_base, Outcome* outcome) {
  const auto refuse = [&](const Error& error) {
    set_invalid(outcome, error.what);
    return std::nullopt;
  };
  const auto samples = load_samples(request.folder);
  if (!samples) return refuse(samples.error());
  outcome->artifacts[samples_artifact.name] = samples->sha256;
  outcome->records = samples->file.samples.size();
  if (samples->file.header.time_base != time_base)
    set_invalid(outcome, fmt::format("{}: is of {} time, and the board of {} time",
                                     (request.folder / samples_artifact.name).string(),
                                     name_of(samples->file.header.time_base), name_of(time_base)));
  judge_self_checks(samples->file, request.pulses, time_base == TimeBase::wall_clock, outcome);
  RawCell raw{*samples, nullptr, nullptr, {}};
  Result<Loaded<FramesFile>> frames;
  if (request.records) {
    frames = load_frames(request.folder);
    if (!frames) return refuse(frames.error());
    outcome->artifacts[frames_artifact.name] = frames->sha256;
    raw.frames = &frames->file;
    raw.decisions = {request.pulses.frames, request.pulses.frame_interval_ns};
  }
  Result<Loaded<StampsFile>> stamps;
  if (request.stamps) {
    stamps = load_stamps(request.folder);
    if (!stamps) return refuse(stamps.error());
    outcome->artifacts[stamps_artifact.name] = stamps->sha256;
    raw.stamps = &stamps->file;
  }
  auto figures = figures_of(request.cell, raw);
  if (!figures) return refuse(figures.error());
  return std::move(*figures);
}

void judge_answers(const PulseCounts& counts, const nlohmann::json& payload, std::uint64_t frames,
                   Outcome* outcome) {
  // An answer that comes after its stimulus was given up is late, not unasked.
  if (counts.spurious > counts.unanswered)
    set_invalid(outcome,
                fmt::format("the payload answered {} times when nothing was asked", counts.spurious));
  if (counts.unanswered == 0) return;
  const auto counter = [&](const char* key) -> const nlohmann::json* {
    const auto found = payload.is_object() ? payload.find(key) : payload.end();
    return payload.is_object() && found != payload.end() && found->is_number_unsigned() ? &*found : nullptr;
  };
  const nlohmann::json* answered = counter(counter("decisions") != nullptr ? "decisions" : "responses");
  if (counter("events") == nullptr || answered == nullptr) {
    set_invalid(outcome,
                fmt::format("{} stimuli were not answered, and the payload did not say how many it took in",
                            counts.unanswered),
                "a payload prints {\"events\": …, \"responses\": …} at its end, or nobody can tell whose "
                "fault it was");
    return;
  }
  const auto events = counter("events")->get<std::uint64_t>();
  const auto responses = answered->get<std::uint64_t>();
  // A decision takes several events in where several frames make one.
  if (events / frames > responses)
    set_invalid(outcome,
                fmt::format("the payload took {} stimuli in and answered {} of them", events, responses),
                "this is the payload's fault, not the kernel's");
}

}  // namespace loopgate
