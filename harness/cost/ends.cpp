#include "cost/ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "base/file.h"
#include "cost/rebuilt_end.h"
#include "kernel/built_kernel.h"
#include "kernel/kernel_source.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What is lost may take others with it; two or three rounds are usual.
constexpr int most_rounds = 20;
constexpr const char* rebuilt_fragment = "rebuilt.config";
constexpr const char* tried_fragment = "tried.config";

const fs::path& config_of(const PreparedKernel& prepared) { return prepared.session.kernels.front().config; }

Result<std::vector<ConfigOption>> options_in(const fs::path& file) {
  TRY(text, read_text_file(file, ErrorKind::usage));
  return parse_config_options(text);
}

Result<ConfiguredOptions> configured(const BuildSource& source, const PreparedKernel& like,
                                     const KernelBench& bench) {
  const Board& board = like.session.plan.board;
  return configure_kernel(source, board.architecture, needs_modules(source, board), bench.catalog().root(),
                          [&](const std::string& line) { bench.notify(line); });
}

Result<RebuiltOptions> options_to_rebuild(const CostEnds& ends, const BuildSource& source,
                                          const std::vector<std::string>& globs) {
  const fs::path& config = config_of(ends.to);
  if (config.empty())
    return fail(ErrorKind::usage, "the .config of the kernel that it goes to is not known",
                "name it with config under [source]");
  std::vector<ConfigOption> own;
  for (const fs::path& path : source.fragments) {
    TRY(options, options_in(path));
    own.insert(own.end(), options.begin(), options.end());
  }
  TRY(other, options_in(config));
  return rebuilt_options(own, ends.from_options, other, globs);
}

// The other kernel's options on the first one's sources, without what Kconfig does not take.
Result<Kernel> rebuilt_kernel(CostEnds* ends, const Kernel& from, const Kernel& to,
                              const std::vector<std::string>& globs, const fs::path& folder,
                              const KernelBench& bench) {
  BuildSource source = std::get<BuildSource>(from.source);
  TRY(options, options_to_rebuild(*ends, source, globs));
  const fs::path fragment = folder / rebuilt_fragment;
  source.fragments = {fragment};
  for (int round = 0; round < most_rounds; ++round) {
    TRY_STATUS(write_file_atomically(fragment, to_fragment(options.fragment)));
    TRY(made, configured(source, ends->from, bench));
    const std::size_t before = options.fragment.size();
    leave_out(made.without_prompt, left_out_follows, ends->from_options, &options);
    leave_out(made.lost, left_out_lost, ends->from_options, &options);
    if (options.fragment.size() < before) continue;
    if (!made.lost.empty()) break;  // what the first kernel asks for, too
    ends->left_out = std::move(options.left_out);
    Kernel kernel = to;
    kernel.source = source;
    kernel.config.clear();
    kernel.checks = checks_of_both(from, to);  // it may have few of the other's options
    return kernel;
  }
  return fail(
      ErrorKind::usage,
      fmt::format("the options of {} and the sources of {} do not come together: Kconfig takes others "
                  "each time",
                  to.name, from.name),
      "name the options to compare with --option");
}

// CONFIG_AUDIT of "CONFIG_AUDIT=y"; empty for what is no option.
std::string option_name(const KernelChange& change) {
  if (change.kind != ChangeKind::option) return "";
  const std::string& text = change.becomes.empty() ? change.was : change.becomes;
  return text.substr(0, text.find('='));
}

bool has_options(const KernelDifference& difference) {
  return std::ranges::any_of(difference.changes,
                             [](const KernelChange& each) { return each.kind == ChangeKind::option; });
}

// The options that are to be out, as the first kernel has them.
std::string held_out(const CostEnds& ends, const ChangeSet& changes) {
  std::vector<ConfigOption> held;
  for (std::size_t i = 0; i < ends.difference.changes.size(); ++i) {
    const KernelChange& change = ends.difference.changes[i];
    if (change.kind != ChangeKind::option || !change.was.empty() || std::ranges::binary_search(changes, i))
      continue;
    const std::string name = option_name(change);
    const auto has = std::ranges::find(ends.from_options, name, &ConfigOption::name);
    const bool is_switch = change.becomes.ends_with("=y") || change.becomes.ends_with("=n");
    if (has != ends.from_options.end()) {
      held.push_back(*has);
    } else if (is_switch) {
      held.push_back({name, "n"});
    }
  }
  return held.empty() ? "" : "# Held as the first kernel has them.\n" + to_fragment(held);
}

// Empty for the two kernels themselves, which have their own.
std::string fragment_of(const CostEnds& ends, const ChangeSet& changes) {
  const std::string fragment = fragment_with(ends.difference, changes);
  return fragment.empty() ? fragment : fragment + held_out(ends, changes);
}

}  // namespace

Result<CostEnds> prepare_ends(const Kernel& from, const Kernel& to, const std::vector<std::string>& globs,
                              const fs::path& folder, const KernelBench& bench) {
  CostEnds ends;
  const bool from_is_built = std::holds_alternative<BuildSource>(from.source);
  ends.rebuilt = from_is_built && !std::holds_alternative<BuildSource>(to.source);
  if (!globs.empty() && !ends.rebuilt)
    return fail(ErrorKind::usage,
                "--option chooses among the options of a package or an image that is held against a kernel "
                "that is built from source",
                "leave it out, or change the fragments");
  TRY(prepared_from, bench.prepare(from, folder / from_folder));
  ends.from = std::move(prepared_from);
  if (from_is_built) {
    TRY(options, options_in(config_of(ends.from)));
    ends.from_options = std::move(options);
  }
  TRY(prepared_to, bench.prepare(to, folder / to_folder));
  ends.to = std::move(prepared_to);
  Kernel other = to;
  if (ends.rebuilt) {
    TRY(rebuilt, rebuilt_kernel(&ends, from, to, globs, folder, bench));
    other = std::move(rebuilt);
  }
  TRY(read, read_ends(from, std::move(other)));
  ends.difference = difference_between(std::move(read.first), std::move(read.second));
  if (!ends.difference.changes.empty()) return ends;
  return fail(ErrorKind::usage,
              fmt::format("kernels {} and {} differ in nothing that can be told apart", from.name, to.name),
              "name two kernels' files that differ in options, arguments or tuning");
}

Result<PreparedKernel> prepare_between(const CostEnds& ends, const ChangeSet& changes, const fs::path& folder,
                                       const KernelBench& bench) {
  return bench.prepare(with_changes(ends.difference, changes), folder, 0, fragment_of(ends, changes));
}

Result<ChangeSet> lost_changes(const CostEnds& ends, const ChangeSet& changes, const fs::path& folder,
                               const KernelBench& bench) {
  ChangeSet lost;
  const std::string fragment = fragment_of(ends, changes);
  if (fragment.empty() || !has_options(ends.difference)) return lost;
  BuildSource source = std::get<BuildSource>(with_changes(ends.difference, changes).source);
  source.fragments = {folder / tried_fragment};
  TRY_STATUS(write_file_atomically(source.fragments.front(), fragment));
  TRY(made, configured(source, ends.from, bench));
  std::vector<std::string> names = std::move(made.lost);
  for (std::size_t i = 0; i < ends.difference.changes.size(); ++i) {
    const auto found = std::ranges::find(names, option_name(ends.difference.changes[i]));
    if (found == names.end()) continue;
    lost.push_back(i);
    names.erase(found);
  }
  // Both kernels have it, and this one cannot.
  if (!names.empty()) return all_changes(ends.difference.changes.size());
  return lost;
}

Result<ChangeSet> taken_options(const CostEnds& ends, const ChangeSet& with, const ChangeSet& more,
                                const fs::path& folder, const KernelBench& bench) {
  ChangeSet kept = more;
  while (!kept.empty()) {
    ChangeSet changes;
    std::ranges::set_union(with, kept, std::back_inserter(changes));
    TRY(lost, lost_changes(ends, changes, folder, bench));
    if (lost.empty()) return kept;
    ChangeSet rest = without(kept, lost);
    if (rest.size() == kept.size()) return ChangeSet{};
    kept = std::move(rest);
  }
  return kept;
}

std::vector<std::size_t> order_of(const CostEnds& ends) {
  const auto& changes = ends.difference.changes;
  std::vector<std::size_t> order(changes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const fs::path& config = config_of(ends.to);
  const auto text = config.empty() ? Result<std::string>("") : read_text_file(config, ErrorKind::data);
  if (!text) return order;
  std::map<std::string, std::size_t> places;
  for (const std::string& name : option_names_in_order(*text)) places.emplace(name, places.size());
  const auto place_of = [&](std::size_t change) {
    const KernelChange& each = changes[change];
    if (each.kind != ChangeKind::option) return each.kind < ChangeKind::option ? std::size_t{0} : SIZE_MAX;
    const auto found = places.find(option_name(each));
    return found == places.end() ? SIZE_MAX - 1 : found->second + 1;
  };
  std::ranges::stable_sort(order, {}, place_of);
  return order;
}

}  // namespace loopgate
