#include "run/judge.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

#include "audit/cpu_list.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/overloaded.h"
#include "board/environment.h"
#include "record/artifacts.h"
#include "record/console.h"
#include "run/asked_of_kernel.h"
#include "run/asked_of_suite.h"
#include "run/command_line.h"
#include "run/evidence.h"
#include "run/fits.h"
#include "run/judge_probe.h"
#include "run/judge_programs.h"
#include "run/judge_stimuli.h"
#include "run/kernel_arguments.h"
#include "run/kernel_in_effect.h"

namespace loopgate {
namespace {

// What runs is what was asked for, as far as the running kernel can tell.
std::string other_kernel(const CellRequest& request, const KernelFacts& running) {
  const std::string& release = request.kernel->release;
  if (!release.empty() && running.release != release)
    return fmt::format("uname -r is {}, and {} was to be booted", running.release, release);
  return dropped_argument(request.kernel_arguments, running.command_line);
}

// A board that was throttled or too hot is another one than the one that is to be measured.
void judge_environment(const CellRequest& request, const Board& board, Outcome* outcome) {
  const auto text = read_file(request.folder / "environment.json");
  const auto document = parse_json(text.value_or(""));
  if (const auto good = check_environment(document, board); !good)
    set_invalid(outcome, good.error().what, good.error().next_step);
}

// Whatever else went wrong followed from a kernel that died.
void judge_console(const std::filesystem::path& folder, Outcome* outcome) {
  const ConsoleFinding finding = read_console(read_file(folder / "console.log").value_or(""));
  if (!finding.kernel_failed) return;
  outcome->kind = OutcomeKind::kernel_failed;
  outcome->reason = finding.what;
  outcome->next_step = "see console.log";
}

// Those of the kernel's .config stand beside the agent's: made on the host, so not the agent's to leave out.
void add_config_checks(const KernelFiles& kernel, nlohmann::json* document) {
  for (const ConfigCheck& check : kernel.config_checks)
    (*document)["checks"].push_back(
        {{"name", check.name}, {"expected", check.expected}, {"seen", check.seen}, {"passed", check.passed}});
}

// Why the cell is INVALID.
std::string idle_argument(const Kernel& kernel, const Report& report) {
  if (kernel.arguments.empty()) return {};
  if (!report.kernel.answers) return "the agent did not say what became of the kernel's arguments";
  return kernel.unknown_arguments_allowed ? std::string()
                                          : argument_problem(argument_rows(kernel.arguments, report));
}

// Of a candidate: the known-good kernel is as it is found.
void judge_kernel(const Kernel& kernel, const CellRequest& request, const Report& report, Outcome* outcome) {
  if (const std::string other = other_kernel(request, report.kernel); !other.empty())
    set_invalid(outcome, other, "see kernel in evidence.json");
  if (const std::string idle = idle_argument(kernel, report); !idle.empty())
    set_invalid(
        outcome, idle,
        fmt::format("correct `arguments` of the kernel {}, or write unknown_arguments = \"allowed\" there",
                    kernel.name));
}

void judge_cpus(const Board& board, const Evidence& evidence, Outcome* outcome) {
  if (const std::string cpus = missing_cpus(evidence.report, board); !cpus.empty())
    set_invalid(
        outcome, cpus,
        "bring them up, or write a board file of its own for this machine: see kernel in evidence.json");
}

// A CPU that has its turn for longer than the slice holds the others up: what they did then is the bench's
// own.
void judge_turns(const MachineRun& run, const Board& board, Outcome* outcome) {
  if (!board.is_virtual() || board.cpus == 1) return;
  outcome->longest_turn_ns = run.end.longest_turn_ns;
  const std::int64_t seen_ns = run.end.longest_turn_ns.value_or(0);
  if (seen_ns > 0 && seen_ns <= board.qemu().slice_ns) return;
  outcome->self_check_passed = false;
  const std::string seen = seen_ns == 0 ? "the instrument saw no turn of a CPU"
                                        : fmt::format("a CPU had its turn for {} ns", seen_ns);
  set_invalid(outcome,
              fmt::format("{}, and the board's slice is {} ns: the other CPUs stood still for the bench",
                          seen, board.qemu().slice_ns));
}

// How it ran.
void judge_payload(const CellRequest& request, const Evidence& evidence, Outcome* outcome) {
  if (const std::string problem = payload_problem(evidence); !problem.empty()) set_invalid(outcome, problem);
  if (const std::string other = other_priority(request.job.payload.argv, evidence.document["payload"]);
      !other.empty())
    set_invalid(outcome, "the payload " + other, "see the payload's own word in evidence.json");
}

void add(std::vector<AskedFor> more, std::vector<AskedFor>* rows) {
  std::ranges::move(more, std::back_inserter(*rows));
}

// The kernel's file first, then the load's, the suite's and the board's.
void add_asked(const Plan& plan, const Cell& cell, const CellRequest& request, const StimuliFindings& stimuli,
               const Outcome& outcome, Evidence* evidence) {
  const Report& report = evidence->report;
  std::vector<AskedFor> rows;
  if (request.kernel) rows = asked_of_kernel(plan.kernels[cell.kernel], *request.kernel, report);
  add(std::move(evidence->asked_for), &rows);
  add(asked_of_programs(all_programs(plan.suite.work), report), &rows);
  if (programs_of(plan.suite.work) == nullptr) {
    add(asked_of_payload(payload_of(plan.suite.work), request.job.payload.argv, report, evidence->document),
        &rows);
    add(asked_of_schedule(pulses_of(request.work), stimuli, outcome), &rows);
  }
  add(asked_of_board(plan.board, report, outcome), &rows);
  evidence->document["asked_for"] = to_json(rows);
  evidence->asked_for = std::move(rows);
}

void write_evidence(const std::filesystem::path& folder, const nlohmann::json& document, Outcome* outcome) {
  const std::string text = document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  outcome->artifacts[evidence_artifact.name] = sha256_of(text);
  const auto written = write_file_atomically(folder / evidence_artifact.name, text);
  if (!written) set_invalid(outcome, written.error().what);
}

// taskset(1) puts each part where the load's file says; a program may undo that, and then it loads others.
void judge_load_cpus(const Load& load, const Board& board, const Report& report, Outcome* outcome) {
  for (const LoadPart& part : load.parts) {
    const std::vector<int> wanted = cpus_for(part.cpus, board);
    const auto seen = std::ranges::find(report.parts, part.name, &PartReport::name);
    if (wanted.empty() || seen == report.parts.end()) continue;
    const auto cpus = parse_cpu_list(seen->cpus);
    const CpuSet allowed(wanted.begin(), wanted.end());
    if (cpus && !cpus->empty() && std::ranges::includes(allowed, *cpus)) continue;
    set_invalid(
        outcome,
        fmt::format("load part {} was to run on CPUs {} and {}", part.name, fmt::join(wanted, ","),
                    seen->cpus.empty() ? "nobody saw where it ran" : "might run on " + seen->cpus),
        "does its program choose its CPUs by itself? leave cpus out of the load's file, or that out of "
        "the part's arguments");
  }
}

nlohmann::json wire_check_of(const Report& report) {
  if (!report.instrument) return nullptr;
  const auto check = parse_json(report.instrument->check);
  return check.is_object() ? check : nlohmann::json();
}

StimuliFindings stimuli_findings(const MachineRun& run, const Plan& plan, const CellRequest& request,
                                 const Evidence& evidence, Outcome* outcome) {
  const StimuliSeen seen{request.cell,
                         request.folder,
                         plan.board.time_base(),
                         run.end.counts,
                         evidence.document["payload"],
                         wire_check_of(evidence.report),
                         request.aim == AimSettings()};
  return std::visit(
      Overloaded{[&](const auto& work) { return judge_stimuli(work, seen, outcome); },
                 [](const ProgramsRequest&) { return StimuliFindings(); }},  // they are judged apart
      request.work);
}

}  // namespace

void set_invalid(Outcome* outcome, std::string reason, std::string next_step) {
  if (outcome->kind != OutcomeKind::measured) return;  // the first reason is the cause of the later ones
  outcome->kind = OutcomeKind::invalid;
  outcome->reason = std::move(reason);
  outcome->next_step = std::move(next_step);
}

std::optional<CellFigures> judge_cell(const MachineRun& run, const Plan& plan, const Cell& cell,
                                      const CellRequest& request, Outcome* outcome) {
  outcome->discarded_state = run.discarded_state;
  outcome->boot_s = run.boot_s;
  outcome->to_first_stimulus_s = run.to_first_stimulus_s;
  outcome->total_s = run.total_s;
  outcome->spurious_responses = run.end.counts.spurious;
  judge_console(request.folder, outcome);
  auto evidence = judge_evidence(run, plan.loads[cell.load]);
  if (!evidence) {
    set_invalid(outcome, evidence.error().what);
    return std::nullopt;
  }
  const Kernel& kernel = plan.kernels[cell.kernel];
  if (request.kernel) {
    add_config_checks(*request.kernel, &evidence->document);
    outcome->kernel_in_effect_sha256 = kernel_in_effect_sha256(kernel, *request.kernel, evidence->report);
    judge_kernel(kernel, request, evidence->report, outcome);
  }
  const std::string failed_check = check_payload(payload_of(plan.suite.work).checks, &evidence->document);
  if (!evidence->problem.empty()) set_invalid(outcome, evidence->problem, evidence->next_step);
  StimuliFindings stimuli;
  if (!run.agent_failed) {  // else nothing was measured to its end
    if (!plan.board.is_virtual()) judge_environment(request, plan.board, outcome);
    if (const std::string missing = missing_evidence(evidence->report, kernel, plan.suite.work);
        !missing.empty())
      set_invalid(outcome, missing);
    judge_cpus(plan.board, *evidence, outcome);
    judge_load_cpus(plan.loads[cell.load], plan.board, evidence->report, outcome);
    if (const auto programs = all_programs(plan.suite.work); !programs.empty()) {
      judge_programs(programs, request, evidence->report, plan.board, outcome);
      leave_out_what_programs_left(&evidence->document["report"]);
    }
    if (programs_of(plan.suite.work) == nullptr) {
      judge_payload(request, *evidence, outcome);
      judge_probe(request, evidence->report, outcome);
      if (!failed_check.empty())
        set_invalid(outcome, failed_check, "see the payload's own word in evidence.json");
      stimuli = stimuli_findings(run, plan, request, *evidence, outcome);
    }
  }
  if (!run.agent_failed) judge_turns(run, plan.board, outcome);
  move_findings(&evidence->document);
  add_asked(plan, cell, request, stimuli, *outcome, &*evidence);
  outcome->unconfirmed_arguments = unconfirmed_arguments(evidence->asked_for);
  write_evidence(request.folder, evidence->document, outcome);
  return std::move(stimuli.figures);
}

}  // namespace loopgate
