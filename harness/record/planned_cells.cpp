#include "record/planned_cells.h"

#include <fmt/format.h>

#include <set>
#include <tuple>

namespace loopgate {
namespace {

using Planned = std::tuple<std::string, std::string, std::int64_t>;  // kernel, load, repetition

std::string text_of(const Planned& cell) {
  const auto& [kernel, load, repetition] = cell;
  return fmt::format("repetition {} of {} under {}", repetition, kernel, load);
}

std::string stranger(const Planned& cell) {
  return fmt::format("has {}, which its kernels, loads and repetitions do not plan", text_of(cell));
}

}  // namespace

std::string planned_cells_complaint(const RunRecord& run) {
  if (run.repeat < 1) return fmt::format("cannot be: repeat is {}", run.repeat);
  if (run.repetition < 0 || run.repetition > run.repeat)
    return fmt::format("cannot be: repetition is {}, and repeat {}", run.repetition, run.repeat);
  std::set<Planned> there;
  for (const DescribedCell& cell : run.cells) {
    const Planned planned = {cell.kernel, cell.load, cell.repetition};
    if (!there.insert(planned).second) return fmt::format("has {} twice", text_of(planned));
    const bool asked =
        run.repetition == 0 ? cell.repetition <= run.repeat : cell.repetition == run.repetition;
    if (cell.repetition < 1 || !asked) return stranger(planned);
  }
  // Whatever number somebody wrote for `repeat`, the first that lacks is found after as many as are there.
  if (run.kernels.empty() || run.loads.empty()) return {};  // no cell can be of one: that is refused
  const std::int64_t first = run.repetition == 0 ? 1 : run.repetition;
  const std::int64_t last = run.repetition == 0 ? run.repeat : run.repetition;
  for (std::int64_t repetition = first; repetition <= last; ++repetition)
    for (const KernelInput& kernel : run.kernels)
      for (const InputFile& load : run.loads)
        if (const Planned planned = {kernel.name, load.name, repetition}; !there.contains(planned))
          return fmt::format("lacks {}, which its kernels, loads and repetitions plan", text_of(planned));
  return {};
}

std::vector<std::string> cells_beside(const RunRecord& run, const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (std::filesystem::directory_iterator each(folder / "cells", error), end; !error && each != end;
       each.increment(error))
    names.insert(each->path().filename().string());
  for (const DescribedCell& cell : run.cells) names.erase(cell.name);
  return {names.begin(), names.end()};
}

}  // namespace loopgate
