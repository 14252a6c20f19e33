// Which bench a cell needs, started.
#pragma once

#include <memory>

#include "qemu/plugin/virtual_bench.h"

namespace loopgate {

Result<std::unique_ptr<VirtualBench>> create_bench(const InstrumentSettings& settings,
                                                   const QemuFunctions& qemu, qemu_plugin_id_t plugin);

}  // namespace loopgate
