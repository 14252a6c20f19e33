#include "qemu/plugin/bench_factory.h"

#include "qemu/plugin/monitor_bench.h"
#include "qemu/plugin/program_bench.h"
#include "qemu/plugin/stimulus_bench.h"

namespace loopgate {

Result<std::unique_ptr<VirtualBench>> create_bench(const InstrumentSettings& settings,
                                                   const QemuFunctions& qemu, qemu_plugin_id_t plugin) {
  std::unique_ptr<VirtualBench> bench;
  if (settings.programs_timeout_ns > 0) {
    bench = std::make_unique<ProgramBench>(settings, qemu);
  } else if (settings.bench_monitors) {
    bench = std::make_unique<MonitorBench>(settings, qemu);
  } else {
    bench = std::make_unique<StimulusBench>(settings, qemu);
  }
  if (auto started = bench->start(plugin); !started) return tl::unexpected(started.error());
  return bench;
}

}  // namespace loopgate
