#include "explain/traced_run.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"
#include "protocol/channel.h"
#include "record/samples_file.h"

namespace loopgate {

Result<KernelSymbols> fetch_symbols(Machine* machine, CellRequest order, const ProgressListener& observe) {
  order.folder /= "symbols";
  order.job = symbols_job;
  order.files.clear();
  order.records = false;
  order.trace = {};
  order.symbols = true;
  order.storm_per_second = 0;
  if (auto made = make_directories(order.folder); !made) return tl::unexpected(made.error());
  auto run = machine->run(order, observe);
  if (!run) return tl::unexpected(run.error());
  if (run->agent_failed || run->symbols.functions.empty())
    return fail(ErrorKind::infrastructure, "the guest did not write its symbols: " + run->report);
  return std::move(run->symbols);
}

Result<TracedRun> trace_again(Machine* machine, const TraceRequest& request, const KernelLayout& kernel,
                              const ProgressListener& observe) {
  CellRequest order = request.order;
  order.trace = {order.folder / "trace.lgt", request.samples, request.phases_only, kernel};
  if (auto made = make_directories(order.folder); !made) return tl::unexpected(made.error());
  auto run = machine->run(order, observe);
  if (!run) return tl::unexpected(run.error());
  const std::filesystem::path again = order.folder / "samples.lgs";
  auto digest = sha256_of_file(again);
  if (!digest) return tl::unexpected(digest.error());
  if (*digest != request.measured_sha256) {
    auto difference = first_difference(request.measured, again);
    return fail(ErrorKind::infrastructure,
                "the run did not repeat, so its trace would explain another run: " +
                    (difference ? *difference : difference.error().what),
                "measure the cell with --verify-determinism");
  }
  return TracedRun{order.trace.file, kernel, std::move(run->report)};
}

}  // namespace loopgate
