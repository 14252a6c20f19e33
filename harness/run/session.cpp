#include "run/session.h"

#include <fmt/format.h>

#include "base/file.h"
#include "board/environment.h"
#include "board/ssh_machine.h"
#include "qemu/qemu_machine.h"
#include "qemu/virtual_instrument.h"
#include "run/board_audit.h"
#include "run/describe_run.h"
#include "run/paths.h"

namespace loopgate {
namespace {

// What looks at the board around each cell. An audit that did not succeed is told, and costs no cell: nothing
// of it is measured.
CellHooks watch_of(const Board& board, const Rules& rules, const Notify& tell) {
  return [tell, environment = std::make_shared<Environment>(board),
          audit = std::make_shared<BoardAudit>(rules, board)](CellPhase moment, const CellRequest& order,
                                                              const RunScript& ask) -> Status {
    switch (moment) {
      case CellPhase::before:
        return environment->before(ask);
      case CellPhase::during:
        environment->during(ask);
        return {};
      case CellPhase::after:
        break;
    }
    if (auto looked = environment->after(ask, order.folder); !looked) return looked;
    const auto tally = audit->after(order, ask);
    const std::string told = tally ? *tally : "not known: " + tally.error().what;
    if (tell && !told.empty()) tell(fmt::format("audit of {}: {}", order.cell, told));
    return {};
  };
}

Status add_kernels(const Images& images, Bench* bench) {
  const Board& board = bench->plan.board;
  for (const Kernel& kernel : bench->plan.kernels) {
    auto image = images.kernel(kernel, board);
    if (!image) return tl::unexpected(image.error());
    if (board.boot) {
      auto initramfs = images.initramfs(kernel, board);
      if (!initramfs) return tl::unexpected(initramfs.error());
      image->initramfs = std::move(*initramfs);
    }
    bench->kernels.push_back(std::move(*image));
  }
  return {};
}

// A machine without network or disk gets its modules with the target image.
Status add_modules(const Images& images, Bench* bench) {
  for (KernelImage& kernel : bench->kernels) {
    if (kernel.modules.empty() || bench->plan.board.boot) continue;
    auto extended = images.with_modules(bench->target, kernel.modules);
    if (!extended) return tl::unexpected(extended.error());
    kernel.target = std::move(*extended);
  }
  return {};
}

// Before anything is fetched for them.
Status check_programs(const Board& board) {
  std::error_code ignored;
  if (std::filesystem::exists(target_programs(board.architecture), ignored)) return {};
  return fail(ErrorKind::infrastructure,
              fmt::format("board {} is {}, and the target's programs are not built for it", board.name,
                          board.architecture),
              "build them: " + build_command_for(board.architecture));
}

}  // namespace

std::unique_ptr<Machine> Bench::machine(const Notify& tell) const {
  if (plan.lab)
    return std::make_unique<SshMachine>(plan.board, *plan.lab,
                                        SshMachineOptions{tell, watch_of(plan.board, audit_rules, tell)});
  return std::make_unique<QemuMachine>(
      plan.board, qemu,
      QemuMachine::InstrumentFactory{
          [board = plan.board] { return std::make_unique<VirtualInstrument>(board); },
          [](const Measurement& measurement) {
            return VirtualInstrument::qemu_arguments(instrument_plugin(), measurement);
          }},
      StateStore(cache_directory() / "states", tell));
}

MachineRecord describe_machine(const Bench& bench) {
  if (bench.plan.lab) return describe_machine(bench.plan.board, *bench.plan.lab);
  return describe_machine(bench.plan.board, bench.qemu);
}

Result<Bench> prepare_bench(const PlanRequest& request, const Notify& tell) {
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  auto plan = make_plan(request, *catalog);
  if (!plan) return tl::unexpected(plan.error());
  if (auto built = check_programs(plan->board); !built) return tl::unexpected(built.error());
  Bench bench{std::move(*plan), {}, {}, {}, {}};
  if (bench.plan.board.boot) {
    auto rules = read_rules(audit_rules_of(catalog->root()));
    if (!rules) return tl::unexpected(rules.error());
    bench.audit_rules = std::move(*rules);
  } else {
    auto qemu = identify_qemu(bench.plan.board, instrument_plugin());
    if (!qemu) return tl::unexpected(qemu.error());
    bench.qemu = std::move(*qemu);
  }
  const Images images(catalog->root(), target_programs(bench.plan.board.architecture), tell);
  if (auto done = add_kernels(images, &bench); !done) return tl::unexpected(done.error());
  auto target = images.target(bench.plan.board);
  if (!target) return tl::unexpected(target.error());
  bench.target = std::move(*target);
  if (auto done = add_modules(images, &bench); !done) return tl::unexpected(done.error());
  return bench;
}

}  // namespace loopgate
