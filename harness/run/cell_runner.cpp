#include "run/cell_runner.h"

#include <fmt/format.h>

#include <filesystem>

#include "base/digest.h"
#include "base/file.h"
#include "machine/console.h"
#include "run/evidence.h"
#include "stats/frames_file.h"
#include "stats/samples_file.h"
#include "stats/stages.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

void set_invalid(Outcome* outcome, std::string reason, std::string next_step = {}) {
  if (outcome->kind != OutcomeKind::measured) return;  // the first reason is the cause of the later ones
  outcome->kind = OutcomeKind::invalid;
  outcome->reason = std::move(reason);
  outcome->next_step = std::move(next_step);
}

// The instrument answered some stimuli itself, after known delays: what it measured must be equal to the
// nanosecond.
void judge_self_checks(const SampleFile& file, const PulseSettings& pulses, Outcome* outcome) {
  std::uint32_t passed = 0;
  for (const Sample& sample : file.samples) {
    if ((sample.flags & sample_self_check) == 0) continue;
    const std::int64_t known_ns = PulseTrain::known_delay_ns(sample.index);
    const std::int64_t measured_ns =
        (sample.flags & sample_answered) != 0 ? sample.response_ns - sample.stimulus_ns : -1;
    outcome->self_checks.push_back({{"known_ns", known_ns}, {"measured_ns", measured_ns}});
    if (measured_ns == known_ns) {
      ++passed;
    } else {
      set_invalid(
          outcome,
          fmt::format("the instrument's self-check failed: a known delay of {} ns was measured as {} ns",
                      known_ns, measured_ns));
    }
  }
  if (passed != pulses.self_checks)
    set_invalid(outcome,
                fmt::format("{} of the instrument's {} self-checks passed", passed, pulses.self_checks));
  outcome->self_check_passed = passed == pulses.self_checks;
}

void judge_samples(const CellOrder& order, Outcome* outcome) {
  const fs::path path = order.folder / "samples.lgs";
  auto digest = sha256_of_file(path);
  auto file = read_samples(path);
  if (!file || !digest) {
    set_invalid(outcome, file ? digest.error().what : file.error().what);
    return;
  }
  outcome->samples_sha256 = *digest;
  outcome->records = file->samples.size();
  judge_self_checks(*file, order.pulses, outcome);
}

// The payload's own times must fit what the instrument saw, or one of the two is wrong.
void judge_frames(const CellOrder& order, Outcome* outcome) {
  const fs::path path = order.folder / "frames.lgf";
  auto samples = read_samples(order.folder / "samples.lgs");
  auto digest = sha256_of_file(path);
  auto frames = read_frames(path);
  if (!samples || !frames || !digest) {
    set_invalid(outcome, !samples  ? samples.error().what
                         : !frames ? frames.error().what
                                   : digest.error().what);
    return;
  }
  outcome->frames_sha256 = *digest;
  auto stages = stages_of(*samples, *frames, {order.pulses.frames, order.pulses.frame_interval_ns});
  if (!stages) set_invalid(outcome, stages.error().what);
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

void judge_run(const MachineRun& run, const Plan& plan, const Cell& cell, const CellOrder& order,
               Outcome* outcome) {
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
  const std::string missing = missing_evidence(evidence->document, plan.kernels[cell.kernel]);
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
  if (!missing.empty()) set_invalid(outcome, missing);
  if (const std::string problem = payload_problem(evidence->document); !problem.empty())
    set_invalid(outcome, problem);
  if (!failed_check.empty())
    set_invalid(outcome, failed_check, "see the payload's own word in evidence.json");
  judge_answers(run, evidence->document["payload"], order.pulses.frames, outcome);
  judge_samples(order, outcome);
  if (order.records) judge_frames(order, outcome);
}

}  // namespace

Outcome run_cell(Machine* machine, const Plan& plan, const Cell& cell, const CellOrder& order,
                 const Observer& observe) {
  Outcome outcome;
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
    judge_run(*run, plan, cell, order, &outcome);
    return outcome;
  }
  outcome.kind = run.error().kind == ErrorKind::kernel ? OutcomeKind::kernel_failed : OutcomeKind::invalid;
  outcome.reason = run.error().what;
  outcome.next_step = run.error().next_step;
  return outcome;
}

void verify_determinism(Machine* machine, const Plan& plan, const Cell& cell, const CellOrder& order,
                        const Observer& observe, Outcome* outcome) {
  if (outcome->kind != OutcomeKind::measured) return;
  CellOrder again = order;
  again.folder = order.folder / "again";
  const Outcome second = run_cell(machine, plan, cell, again, observe);
  if (second.kind != OutcomeKind::measured) {
    set_invalid(outcome, "the second, equal run did not come to its end: " + second.reason);
    return;
  }
  constexpr const char* next_step = "the second run's files are in the cell's folder again/";
  if (second.samples_sha256 == outcome->samples_sha256) {
    if (second.frames_sha256 != outcome->frames_sha256) {
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
