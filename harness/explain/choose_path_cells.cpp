#include "explain/choose_path_cells.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "base/nearest.h"
#include "explain/choose_cell.h"

namespace loopgate {
namespace {

template <class Named>
std::vector<std::string> names_of(const std::vector<Named>& all) {
  std::vector<std::string> names(all.size());
  std::ranges::transform(all, names.begin(), &Named::name);
  return names;
}

Result<std::string> cell_of(const PathRequest& request, const RunRecord& run) {
  const auto kernels = names_of(run.kernels);
  if (request.kernel.empty() && kernels.size() > 1)
    return fail(ErrorKind::usage, "the run has several kernels, and none is named",
                fmt::format("name one with --kernel: {}", fmt::join(kernels, ", ")));
  const auto found = std::ranges::find_if(run.cells, [&](const DescribedCell& cell) {
    return (request.kernel.empty() || cell.kernel == request.kernel) &&
           (request.load.empty() || cell.load == request.load);
  });
  if (found != run.cells.end()) return found->name;
  if (std::ranges::find(kernels, request.kernel) == kernels.end() && !request.kernel.empty())
    return fail(ErrorKind::usage, fmt::format("the run has no kernel {}", request.kernel),
                meant_or_known(request.kernel, kernels));
  const auto cells = names_of(run.cells);
  return fail(
      ErrorKind::usage,
      fmt::format("the run has no cell of {}{}{}", request.kernel.empty() ? "this kernel" : request.kernel,
                  request.load.empty() ? "" : " under ", request.load),
      fmt::format("its cells: {}", fmt::join(cells, ", ")));
}

}  // namespace

Result<PathRequest> with_path_cells(PathRequest request) {
  TRY(run, read_run_record(request.run));
  return with_path_cells(std::move(request), run);
}

Result<PathRequest> with_path_cells(PathRequest request, const RunRecord& run) {
  if (!request.cell.empty() && !(request.kernel.empty() && request.load.empty()))
    return fail(ErrorKind::usage, "--cell names a replicate, and --kernel and --load choose one",
                "give the one or the others");
  if (request.cell.empty()) {
    TRY(cell, cell_of(request, run));
    request.cell = cell;
  }
  if (!request.against.empty()) request.against = other_cell(run, request.against, request.cell);
  if (request.against == request.cell)
    return fail(ErrorKind::usage, "--against names the explained cell itself",
                "name another kernel, or cell");
  return request;
}

}  // namespace loopgate
