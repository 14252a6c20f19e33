#include "run/guest_facts.h"

#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>

#include "audit/fact_script.h"
#include "audit/thread_stat.h"
#include "base/file.h"
#include "base/scratch_dir.h"
#include "base/temporary_folder.h"
#include "machine/agents_reason.h"
#include "protocol/report.h"
#include "run/candidate_facts.h"
#include "run/cell_request.h"
#include "run/describe_run.h"
#include "run/judge.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Of virtual time. The script takes 2 s of it, one of them its pause.
constexpr std::chrono::seconds script_timeout{60};
constexpr const char* script_name = "audit";

// A suite that stimulates nothing; what stands in place of its programs is the script.
Suite suite_of_audit() {
  Suite suite;
  suite.name = script_name;
  suite.title = "what a kernel's settings do to latency";
  suite.loads = {"idle"};
  suite.work = ProgramsWork{};
  return suite;
}

Status check_ran(const ProgramReport& script) {
  std::string why;
  if (!script.missing.empty())
    why = script.missing;
  else if (script.timed_out)
    why = fmt::format("it did not end within {} s", script_timeout.count());
  else if (script.cut_off)
    why = "it printed more than the agent keeps";
  else if (script.exit != "exited 0")
    why = fmt::format("it {}: {}", script.exit, script.errors);
  if (why.empty()) return {};
  return fail(ErrorKind::infrastructure, "the audit's script did not come to its end in the guest: " + why);
}

Status check_sound(const Session& session, const CellRequest& request, const MachineRun& run) {
  const Cell& cell = session.plan.cells.front();
  Outcome outcome = unjudged_outcome(session.plan, cell);
  outcome.kind = OutcomeKind::measured;
  (void)judge_cell(run, session.plan, cell, request, &outcome);
  if (outcome.kind == OutcomeKind::measured) return {};
  return fail(outcome.kind == OutcomeKind::kernel_failed ? ErrorKind::kernel : ErrorKind::infrastructure,
              outcome.reason, outcome.next_step);
}

// The agent, which is the guest's init, and the irq thread of its pin stand above every payload, are the
// bench's own, and do nothing while a stimulus is answered.
bool is_the_agents(const Fact& fact) {
  if (fact.path.starts_with("/proc/1/")) return true;
  const auto thread = parse_thread_stat(fact.text.value_or(""));
  return thread && thread->name.starts_with("irq/") && thread->name.ends_with("-control");
}

void mark_the_agent(Facts* facts) {
  const auto threads = facts->first.find(thread_stat_files);
  if (threads == facts->first.end()) return;
  for (const Fact& fact : threads->second.facts)
    if (is_the_agents(fact)) facts->bench_threads.insert(fact.path);
}

// What a step names, such as console.log, lies in the scratch folder, which is gone.
Error with_kept_files(Error error) {
  if (!error.next_step.empty()) error.next_step += "; ";
  error.next_step +=
      "console.log and evidence.json are kept by a run: loopgate run irq-to-gpio with the same --board, "
      "--kernel and --load, and --samples 100 --out DIR";
  return error;
}

// Each stage once: a boot takes seconds.
ProgressListener told_to(const Notify& notify, const std::string& cell) {
  return [notify, cell, last = std::optional<Stage>()](Stage stage, const InstrumentEvent&) mutable {
    if (!notify || last == stage) return;
    last = stage;
    constexpr const char* words[] = {"boots", "is restored", "is tuned, and its load starts",
                                     "is read by the audit's script", "hands in what was read"};
    notify(fmt::format("{} {}", cell, words[static_cast<std::size_t>(stage)]));
  };
}

}  // namespace

Result<Plan> guest_plan(const PlanRequest& request, const Catalog& catalog) {
  TRY(board, catalog.board(request.board));
  if (!board.is_virtual())
    return fail(ErrorKind::usage,
                fmt::format("board {} is none of the virtual bench's, so its kernels are not booted here",
                            board.name),
                "a run on it audits each boot (audit.json in the first cell of each); of the kernel that "
                "runs there now: loopgate audit --script | ssh BOARD sh > FILE; loopgate audit --facts FILE");
  TRY(parts, read_parts(suite_of_audit(), request, catalog));
  return make_plan(std::move(parts));
}

CellRequest guest_request(const Session& session, const std::string& script, const fs::path& folder) {
  const Cell& cell = session.plan.cells.front();
  CellRequest request = request_for(session.plan, cell, session.kernels[cell.kernel], session.target, folder);
  ProgramSpec program;
  program.name = script_name;
  program.argv = {"/bin/sh", "-c", script};
  program.timeout = script_timeout;
  request.job.programs = {std::move(program)};
  // The agent holds it to its own limit; this one is for an agent that is not heard of at all.
  const std::chrono::nanoseconds all = 2 * script_timeout;
  std::get<ProgramsRequest>(request.work).timeout_ns = all.count();
  return request;
}

Result<Facts> facts_of_run(const Session& session, const CellRequest& request, const MachineRun& run) {
  TRY_STATUS(check_sound(session, request, run));
  TRY(report, parse_report(run.report));
  if (report.programs.size() != 1)
    return fail(ErrorKind::infrastructure,
                "the agent says nothing of the audit's script: " + why_agent_failed(run.report));
  TRY_STATUS(check_ran(report.programs.front()));
  TRY(facts, candidate_facts(report.programs.front().output, request.cell + "'s facts", *request.kernel));
  mark_the_agent(&facts);
  return facts;
}

Result<Facts> facts_of_guest(const Session& session, const FactRequest& wanted, const Notify& notify,
                             const std::atomic<bool>* stop) {
  const KernelFiles& kernel = session.kernels.front();
  if (!kernel.failed_check.empty())
    return fail(ErrorKind::infrastructure, kernel.failed_check,
                "this is not the kernel that its file describes");
  TRY(temporary, temporary_folder());
  remove_abandoned(temporary, "audit");
  TRY(scratch, ScratchDir::create(temporary, "audit"));
  CellRequest request = guest_request(session, script_for(wanted), scratch.path() / "cell");
  request.stop = stop;
  TRY_STATUS(make_directories(request.folder));
  const auto machine = session.machine(notify);
  auto run = machine->run(request, told_to(notify, request.cell));
  auto facts = run ? facts_of_run(session, request, *run) : Result<Facts>(tl::unexpected(run.error()));
  return std::move(facts).map_error(with_kept_files);
}

}  // namespace loopgate
