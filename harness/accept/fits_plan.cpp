#include "accept/fits_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "accept/seed.h"
#include "accept/suites_own.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using Names = std::vector<std::string>;

Status refused(const AcceptedRun& run, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", folder_of_run(run.planned.name), what),
              "what was measured is not what the plan file says");
}

// A file of the user's own is called by what its path ends in.
Names names_of(const Names& planned) {
  Names names;
  for (const std::string& each : planned)
    names.push_back(each.ends_with(".toml") ? fs::path(each).stem().string() : each);
  std::ranges::sort(names);
  return names;
}

// Several payloads make several kernels of one, each KERNEL+CONTENDER.
template <class Input>
Names names_measured(const std::vector<Input>& inputs) {
  Names names;
  for (const Input& each : inputs) names.push_back(each.name.substr(0, each.name.find('+')));
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  return names;
}

Status check_names(const AcceptedRun& run, const char* kind, const Names& planned, const Names& measured) {
  if (planned.empty() || names_of(planned) == measured) return {};
  return refused(run, fmt::format("its {} are {}, and the plan names {}", kind, fmt::join(measured, ", "),
                                  fmt::join(names_of(planned), ", ")));
}

Status check_amount(const AcceptedRun& run) {
  const std::uint64_t planned = static_cast<std::uint64_t>(run.planned.samples);
  const std::uint64_t in_all = run.run.samples * static_cast<std::uint64_t>(run.run.repeat);
  if (run.run.repetition != 0 || run.run.shard || run.run.is_capture())
    return refused(run, "is a part of a run, or a capture");
  if (const Names& left_out = run.run.programs_left_out; !left_out.empty())
    return refused(run, fmt::format("has left out {} of its suite's programs", fmt::join(left_out, ", ")));
  if (!run.run.probe.empty()) return refused(run, "was measured with a probe in the kernel");
  if (run.planned.repeat != 0 && run.planned.repeat != run.run.repeat)
    return refused(
        run, fmt::format("has {} replicates, and the plan wants {}", run.run.repeat, run.planned.repeat));
  if (in_all < planned || (run.planned.repeat != 0 && planned != 0 && run.run.samples != planned))
    return refused(run, fmt::format("has {} stimuli a cell in {} replicates, and the plan wants {}",
                                    run.run.samples, run.run.repeat, planned));
  return {};
}

Status check_suites_own(const AcceptedRun& run, const char* kind, const Names& suites,
                        const Names& measured) {
  if (suites == measured) return {};
  return refused(run, fmt::format("its {} are {}, and the plan leaves them to the suite, which names {}",
                                  kind, fmt::join(measured, ", "), fmt::join(suites, ", ")));
}

std::vector<NamedInput> named(const Names& names) {
  std::vector<NamedInput> inputs;
  for (const std::string& each : names_of(names)) inputs.push_back({each, ""});
  return inputs;
}

// What the plan leaves out is the suite's own: nobody at the site chooses it. Whether that suite is a
// released one, `verify` says of its digest.
Status check_left_out(const AcceptedRun& run) {
  const PlannedRun& planned = run.planned;
  if (!planned.kernels.empty() && !planned.loads.empty() && planned.samples != 0 && planned.repeat != 0)
    return {};
  auto own = suites_own(run.run.suite);
  if (!own) return refused(run, own.error().what);
  if (planned.kernels.empty())
    TRY_STATUS(check_suites_own(run, "kernels", names_measured(named(own->kernels)),
                                names_measured(run.run.kernels)));
  if (planned.loads.empty())
    TRY_STATUS(
        check_suites_own(run, "loads", names_measured(named(own->loads)), names_measured(run.run.loads)));
  const bool is_virtual = run.run.time_base == TimeBase::virtual_time;
  const Amount wanted = amount_of({planned.samples, planned.repeat}, own->amount, is_virtual);
  const Amount seen{static_cast<std::int64_t>(run.run.samples), run.run.repeat};
  if (seen == wanted) return {};
  return refused(run, fmt::format("has {} stimuli a cell in {} replicates, and what the plan leaves to the "
                                  "suite makes {} in {}",
                                  seen.samples, seen.repeat, wanted.samples, wanted.repeat));
}

Status check_seed(const std::string& nonce, const AcceptedRun& run) {
  std::vector<std::string> images;
  for (const KernelInput& kernel : run.run.kernels) images.push_back(kernel.image_sha256);
  const std::uint64_t wanted = nonce.empty() ? seed_without_nonce : derived_seed(nonce, images);
  if (run.run.seed == wanted) return {};
  return refused(run, fmt::format("its seed is {}, and {} gives {}", run.run.seed,
                                  nonce.empty() ? "an acceptance without a nonce"
                                                : fmt::format("the nonce {} with its kernel images", nonce),
                                  wanted));
}

}  // namespace

Status check_fits_plan(const AcceptanceRecord& record, const AcceptedRun& run) {
  const PlannedRun& planned = run.planned;
  if (run.run.suite.name != fs::path(planned.suite).filename().string())
    return refused(run,
                   fmt::format("is of suite {}, and the plan names {}", run.run.suite.name, planned.suite));
  const fs::path board = record.board;
  if (run.run.board.name != (board.extension() == ".toml" ? board.stem() : board).string())
    return refused(
        run, fmt::format("is of board {}, and acceptance.json says {}", run.run.board.name, record.board));
  if (!planned.policy_sha256.empty() && planned.policy_sha256 != run.policy_sha256)
    return refused(run, fmt::format("its policy has sha256 {}, and {} was agreed to", run.policy_sha256,
                                    planned.policy_sha256));
  TRY_STATUS(check_names(run, "kernels", planned.kernels, names_measured(run.run.kernels)));
  TRY_STATUS(check_names(run, "loads", planned.loads, names_measured(run.run.loads)));
  TRY_STATUS(check_amount(run));
  TRY_STATUS(check_left_out(run));
  return check_seed(record.nonce, run);
}

}  // namespace loopgate
