#include "cli/bench.h"

#include "base/file.h"
#include "cli/paths.h"
#include "instrument/virtual_instrument.h"
#include "run/run_directory.h"

namespace loopgate {

QemuMachine Bench::machine() const {
  const Board board = plan.board;
  return {board, qemu, [board] { return std::make_unique<VirtualInstrument>(board, instrument_plugin()); },
          StateStore(cache_directory() / "states")};
}

nlohmann::json describe_machine(const Bench& bench) {
  if (bench.plan.lab) return describe_machine(bench.plan.board, *bench.plan.lab);
  return describe_machine(bench.plan.board, bench.qemu);
}

Result<Bench> prepare_bench(const PlanRequest& request, const Tell& tell) {
  auto catalog = Catalog::find();
  if (!catalog) return tl::unexpected(catalog.error());
  auto plan = make_plan(request, *catalog);
  if (!plan) return tl::unexpected(plan.error());
  auto qemu = identify_qemu(plan->board, instrument_plugin());
  if (!qemu) return tl::unexpected(qemu.error());
  Bench bench{std::move(*plan), std::move(*qemu), {}, {}};
  const Images images(catalog->root(), target_programs(), tell);
  for (const Kernel& kernel : bench.plan.kernels) {
    auto image = images.kernel(kernel);
    if (!image) return tl::unexpected(image.error());
    bench.kernels.push_back(std::move(*image));
  }
  auto target = images.target();
  if (!target) return tl::unexpected(target.error());
  bench.target = std::move(*target);
  for (KernelImage& kernel : bench.kernels) {
    if (kernel.modules.empty()) continue;
    auto extended = images.with_modules(bench.target, kernel.modules);
    if (!extended) return tl::unexpected(extended.error());
    kernel.target = std::move(*extended);
  }
  return bench;
}

}  // namespace loopgate
