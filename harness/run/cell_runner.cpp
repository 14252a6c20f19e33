#include "run/cell_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "base/file.h"
#include "board/environment.h"
#include "machine/console.h"
#include "record/cell_files.h"
#include "run/describe_run.h"
#include "run/evidence.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

void set_invalid(Outcome* outcome, std::string reason, std::string next_step = {}) {
  if (outcome->kind != OutcomeKind::measured) return;  // the first reason is the cause of the later ones
  outcome->kind = OutcomeKind::invalid;
  outcome->reason = std::move(reason);
  outcome->next_step = std::move(next_step);
}

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

// Reads each of the cell's raw files once. The payload's own times must fit what the instrument saw, or one
// of the two is wrong. Nothing when they can't be believed.
std::optional<CellFigures> judge_files(const CellRequest& order, TimeBase time_base, Outcome* outcome) {
  const auto refuse = [&](const Error& error) {
    set_invalid(outcome, error.what);
    return std::nullopt;
  };
  const auto samples = load_samples(order.folder);
  if (!samples) return refuse(samples.error());
  outcome->artifacts[samples_artifact.name] = samples->sha256;
  outcome->records = samples->file.samples.size();
  if (samples->file.header.time_base != time_base)
    set_invalid(outcome, fmt::format("{}: is of {} time, and the board of {} time",
                                     (order.folder / samples_artifact.name).string(),
                                     name_of(samples->file.header.time_base), name_of(time_base)));
  judge_self_checks(samples->file, order.pulses, time_base == TimeBase::wall_clock, outcome);
  RawCell raw{*samples, nullptr, nullptr, {}};
  Result<Loaded<FramesFile>> frames;
  if (order.records) {
    frames = load_frames(order.folder);
    if (!frames) return refuse(frames.error());
    outcome->artifacts[frames_artifact.name] = frames->sha256;
    raw.frames = &frames->file;
    raw.decisions = {order.pulses.frames, order.pulses.frame_interval_ns};
  }
  Result<Loaded<StampsFile>> stamps;
  if (order.stamps) {
    stamps = load_stamps(order.folder);
    if (!stamps) return refuse(stamps.error());
    outcome->artifacts[stamps_artifact.name] = stamps->sha256;
    raw.stamps = &stamps->file;
  }
  auto figures = figures_of(order.cell, raw);
  if (!figures) return refuse(figures.error());
  return std::move(*figures);
}

// A board that was throttled or too hot is another one than the one that is to be measured.
void judge_environment(const CellRequest& order, const Board& board, Outcome* outcome) {
  const auto text = read_file(order.folder / "environment.json");
  const auto document = nlohmann::json::parse(text.value_or(""), nullptr, false);
  if (const auto good = check_environment(document, board); !good)
    set_invalid(outcome, good.error().what, good.error().next_step);
}

// A stimulus without an answer is the kernel's fault if the payload never heard of it, and the payload's if
// it did.
void judge_answers(const MachineRun& run, const nlohmann::json& payload, std::uint64_t frames,
                   Outcome* outcome) {
  // An answer that comes after its stimulus was given up is late, not unasked.
  if (run.end.counts.spurious > run.end.counts.unanswered)
    set_invalid(outcome,
                fmt::format("the payload answered {} times when nothing was asked", run.end.counts.spurious));
  if (run.end.counts.unanswered == 0) return;
  const auto counter = [&](const char* key) -> const nlohmann::json* {
    const auto found = payload.is_object() ? payload.find(key) : payload.end();
    return payload.is_object() && found != payload.end() && found->is_number_unsigned() ? &*found : nullptr;
  };
  const nlohmann::json* answered = counter(counter("decisions") != nullptr ? "decisions" : "responses");
  if (counter("events") == nullptr || answered == nullptr) {
    set_invalid(outcome,
                fmt::format("{} stimuli were not answered, and the payload did not say how many it took in",
                            run.end.counts.unanswered),
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

void judge_run(const MachineRun& run, const Plan& plan, const Cell& cell, const CellRequest& order,
               Outcome* outcome, std::optional<CellFigures>* figures) {
  outcome->boot_s = run.boot_s;
  outcome->to_first_stimulus_s = run.to_first_stimulus_s;
  outcome->total_s = run.total_s;
  outcome->spurious_responses = run.end.counts.spurious;
  const ConsoleFinding finding = read_console(read_file(order.folder / "console.log").value_or(""));
  if (finding.kernel_failed) {  // whatever else went wrong followed from this
    outcome->kind = OutcomeKind::kernel_failed;
    outcome->reason = finding.what;
    outcome->next_step = "see console.log";
  }
  auto evidence = judge_evidence(run, plan.loads[cell.load]);
  if (!evidence) {
    set_invalid(outcome, evidence.error().what);
    return;
  }
  const std::string failed_check = check_payload(plan.suite.payload.checks, &evidence->document);
  const std::string missing = missing_evidence(evidence->report, plan.kernels[cell.kernel]);
  // Those of the kernel's .config stand beside the agent's: made on the host, so not the agent's to leave
  // out.
  for (const nlohmann::json& row : order.kernel.config_checks) evidence->document["checks"].push_back(row);
  if (auto written = write_file_atomically(
          order.folder / "evidence.json",
          evidence->document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
      !written)
    set_invalid(outcome, written.error().what);
  if (!evidence->problem.empty()) set_invalid(outcome, evidence->problem, evidence->next_step);
  if (run.agent_failed) return;  // nothing was measured to its end
  if (plan.board.boot) judge_environment(order, plan.board, outcome);
  if (!missing.empty()) set_invalid(outcome, missing);
  if (const std::string problem = payload_problem(*evidence); !problem.empty()) set_invalid(outcome, problem);
  if (!failed_check.empty())
    set_invalid(outcome, failed_check, "see the payload's own word in evidence.json");
  judge_answers(run, evidence->document["payload"], order.pulses.frames, outcome);
  *figures = judge_files(order, plan.board.time_base, outcome);
}

}  // namespace

Outcome run_cell(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& order,
                 const ProgressListener& observe, std::optional<CellFigures>* figures) {
  Outcome outcome = unjudged_outcome(plan, cell);
  outcome.kind = OutcomeKind::measured;
  if (auto made = make_directories(order.folder); !made) {
    set_invalid(&outcome, made.error().what);
    return outcome;
  }
  if (!order.kernel.failed_check.empty()) {
    set_invalid(&outcome, order.kernel.failed_check, "this is not the kernel that its file describes");
    return outcome;
  }
  auto run = machine->run(order, observe);
  if (run) {
    std::optional<CellFigures> seen;
    judge_run(*run, plan, cell, order, &outcome, &seen);
    if (figures != nullptr) *figures = std::move(seen);
    return outcome;
  }
  outcome.kind = run.error().kind == ErrorKind::kernel ? OutcomeKind::kernel_failed : OutcomeKind::invalid;
  outcome.reason = run.error().what;
  outcome.next_step = run.error().next_step;
  return outcome;
}

void verify_determinism(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& order,
                        const ProgressListener& observe, Outcome* outcome) {
  if (outcome->kind != OutcomeKind::measured) return;
  CellRequest again = order;
  again.folder = order.folder / "again";
  const Outcome second = run_cell(machine, plan, cell, again, observe);
  if (second.kind != OutcomeKind::measured) {
    set_invalid(outcome, "the second, equal run did not come to its end: " + second.reason);
    return;
  }
  constexpr const char* next_step = "the second run's files are in the cell's folder again/";
  if (second.sha256_of(samples_artifact) == outcome->sha256_of(samples_artifact)) {
    if (second.artifacts != outcome->artifacts) {
      set_invalid(outcome, "two equal runs gave equal samples and unequal frames.lgf", next_step);
      return;
    }
    outcome->verified_determinism = true;
    std::error_code ignored;
    fs::remove_all(again.folder, ignored);
    return;
  }
  auto difference = first_difference(order.folder / "samples.lgs", again.folder / "samples.lgs");
  set_invalid(outcome,
              "two equal runs gave unequal samples: " + (difference ? *difference : difference.error().what),
              next_step);
}

}  // namespace loopgate
