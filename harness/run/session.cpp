#include "run/session.h"

#include <fmt/format.h>

#include "audit/rules.h"
#include "base/file.h"
#include "board/environment.h"
#include "board/ssh_machine.h"
#include "config/catalog.h"
#include "kernel/kernel_provider.h"
#include "qemu/qemu_machine.h"
#include "qemu/virtual_instrument.h"
#include "run/board_audit.h"
#include "run/describe_run.h"
#include "run/locked_inputs.h"
#include "run/paths.h"
#include "run/payload_programs.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What looks at the board around each cell. An audit that fails is reported and costs no cell: no measured
// figure depends on it.
CellHooks hooks_of(const Board& board, const Rules& rules, const Notify& notify) {
  return [notify, environment = std::make_shared<Environment>(board),
          audit = std::make_shared<BoardAudit>(rules, board)](CellPhase phase, const CellRequest& request,
                                                              const RunScript& run_script) -> Status {
    switch (phase) {
      case CellPhase::before:
        return environment->before(run_script);
      case CellPhase::during:
        environment->during(run_script);
        return {};
      case CellPhase::after:
        break;
    }
    TRY_STATUS(environment->after(run_script, request.folder));
    const auto tally = audit->after(request, run_script);
    const std::string line = tally ? *tally : "unknown: " + tally.error().what;
    if (notify && !line.empty()) notify(fmt::format("audit of {}: {}", request.cell, line));
    return {};
  };
}

// Before anything is fetched for them.
Status check_programs(const Board& board) {
  std::error_code ignored;
  if (fs::exists(target_programs(board.architecture), ignored)) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("board {} is {}, and the target's programs are not built for it", board.name,
                          name_of(board.architecture)),
              std::string("build them: ") + facts_of(board.architecture).build_command);
}

Status choose_ssh_machine(const fs::path& root, Session* session) {
  TRY(rules, read_rules(audit_rules_of(root)));
  session->make_machine = [rules](const Plan& plan, const Notify& notify) {
    return std::make_unique<SshMachine>(plan.board, plan.lab,
                                        SshMachineOptions{notify, hooks_of(plan.board, rules, notify)});
  };
  return {};
}

Status choose_qemu_machine(Session* session) {
  TRY(qemu, identify_qemu(session->plan.board, instrument_plugin()));
  session->make_machine = [qemu](const Plan& plan, const Notify& notify) {
    return std::make_unique<QemuMachine>(
        plan.board, qemu,
        InstrumentFactory{[board = plan.board] { return std::make_unique<VirtualInstrument>(board); },
                          [](const Measurement& measurement) {
                            return VirtualInstrument::qemu_arguments(instrument_plugin(), measurement);
                          }},
        StateStore(cache_directory() / "states", notify));
  };
  return {};
}

Result<std::optional<LockedInputs>> locked_inputs_of(Plan* plan) {
  if (plan->inputs.empty()) return std::nullopt;
  TRY(locked, LockedInputs::read(plan->inputs));
  TRY_STATUS(locked.pin(&plan->kernels));
  return locked;
}

Status provide_files(const fs::path& root, const Notify& notify, Building building, Session* session) {
  const Board& board = session->plan.board;
  TRY(locked, locked_inputs_of(&session->plan));
  const KernelProvider provider(root, notify, building);
  for (const Kernel& kernel : session->plan.kernels) {
    TRY(files, provider.provide(kernel, board));
    if (locked && files.is_built) TRY_STATUS(locked->check(kernel, files));
    session->kernels.push_back(std::move(files));
  }
  const std::optional<PinnedBase> base = locked ? std::optional(locked->base()) : std::nullopt;
  TRY(target, make_target_image(root, target_programs(board.architecture), board.architecture, notify,
                                base ? &*base : nullptr));
  if (locked) TRY_STATUS(locked->check(target));
  TRY_STATUS(check_payload_programs(session->plan, target.programs));
  session->target = std::move(target);
  if (!board.is_virtual()) return {};
  // A machine without network or disk gets its modules with the target image.
  for (std::size_t i = 0; i < session->kernels.size(); ++i) {
    KernelFiles& kernel = session->kernels[i];
    if (!kernel.modules.empty()) {
      TRY(extended, with_modules(session->target, kernel.modules, notify));
      kernel.target = std::move(extended);
    }
    if (locked) TRY_STATUS(locked->check_modules(session->plan.kernels[i], kernel.target));
  }
  return {};
}

}  // namespace

RunRecord Session::describe(const PlanRequest& request, int jobs, const LoopgateVersion& loopgate) const {
  return describe_run(plan, request, kernels, target, machine()->describe(), jobs, loopgate);
}

Result<Session> prepare_session(Plan plan, const fs::path& root, const Notify& notify, Building building) {
  TRY_STATUS(check_programs(plan.board));
  Session session;
  session.plan = std::move(plan);
  TRY_STATUS(session.plan.board.is_virtual() ? choose_qemu_machine(&session)
                                             : choose_ssh_machine(root, &session));
  TRY_STATUS(provide_files(root, notify, building, &session));
  return session;
}

Result<Session> prepare_session(const PlanRequest& request, const Notify& notify, Building building) {
  TRY(catalog, Catalog::find());
  TRY(plan, make_plan(request, catalog));
  return prepare_session(std::move(plan), catalog.root(), notify, building);
}

}  // namespace loopgate
