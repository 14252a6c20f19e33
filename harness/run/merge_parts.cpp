#include "run/merge_parts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// "a, b, c and 4 more"
std::string some_of(const std::vector<std::string>& names) {
  constexpr std::size_t shown_max = 6;
  const std::size_t shown = names.size() > shown_max + 1 ? shown_max : names.size();
  std::string text =
      fmt::format("{}", fmt::join(names.begin(), names.begin() + static_cast<long>(shown), ", "));
  return shown == names.size() ? text : fmt::format("{} and {} more", text, names.size() - shown);
}

Result<RunPart> read_part(const fs::path& folder) {
  TRY(run, read_run_record(folder));
  if (!run.shard)
    return fail(ErrorKind::usage,
                fmt::format("{} is no part: it was measured without --shard", folder.string()),
                "give the folders of `loopgate run … --shard 1/8` and so on");
  Shard shard = std::move(*run.shard);
  run.shard.reset();
  return RunPart{folder, std::move(run), std::move(shard), {}};
}

// Their plans, tools and kernels.
Status check_same_run(const RunPart& one, const RunPart& other) {
  if (one.shard.count != other.shard.count)
    return fail(ErrorKind::usage, fmt::format("{} and {} are of two divisions", one.text(), other.text()),
                "measure all shards with the same number behind the slash");
  const std::string difference = first_difference_text(one.run, other.run);
  if (difference.empty()) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} and {} are of two runs: {}", one.text(), other.text(), difference),
              "measure all shards with the same command line, build, cache and kernels");
}

// Programs of two commits may measure unequally in what no digest is of, such as the harness. A commit that
// is not known is held against none.
Status check_same_build(const std::vector<RunPart>& parts) {
  const RunPart* known = nullptr;
  for (const RunPart& part : parts) {
    const std::string& commit = part.run.circumstances.commit;
    if (commit.empty()) continue;
    if (known == nullptr) known = &part;
    if (commit == known->run.circumstances.commit) continue;
    return fail(ErrorKind::usage,
                fmt::format("{} and {} are of two builds: commit {} in one and {} in the other",
                            known->text(), part.text(), known->run.circumstances.commit, commit),
                "measure the shards of one of them again, with the other's build");
  }
  return {};
}

Status check_each_once(const std::vector<RunPart>& parts) {
  for (std::size_t i = 1; i < parts.size(); ++i)
    if (parts[i].shard.index == parts[i - 1].shard.index)
      return fail(ErrorKind::usage,
                  fmt::format("{} is given twice: in {} and {}", parts[i].shard.text(),
                              parts[i - 1].folder.string(), parts[i].folder.string()),
                  "give one of the two");
  std::set<std::int64_t> missing;
  for (std::int64_t index = 1; index <= parts.front().shard.count; ++index) missing.insert(index);
  for (const RunPart& part : parts) missing.erase(part.shard.index);
  if (missing.empty()) return {};
  std::vector<std::string> cells;  // that none of the others has
  for (const DescribedCell& cell : parts.front().run.cells)
    if (std::ranges::none_of(parts, [&](const RunPart& part) {
          return std::ranges::find(part.shard.cells, cell.name) != part.shard.cells.end();
        }))
      cells.push_back(cell.name);
  return fail(ErrorKind::usage,
              fmt::format("of {} shards {} {} missing, and with {} {} cell{}: {}", parts.front().shard.count,
                          fmt::join(missing, ", "), missing.size() == 1 ? "is" : "are",
                          missing.size() == 1 ? "it" : "them", cells.size(), cells.size() == 1 ? "" : "s",
                          some_of(cells)),
              fmt::format("measure what is missing: --shard {}/{}{}", *missing.begin(),
                          parts.front().shard.count, missing.size() == 1 ? "" : " and so on"));
}

// Every cell is in one shard, or in two that both say so.
Status check_division(const std::vector<RunPart>& parts) {
  for (const DescribedCell& cell : parts.front().run.cells) {
    std::size_t measured = 0;
    std::size_t checked = 0;
    for (const RunPart& part : parts) {
      measured += static_cast<std::size_t>(std::ranges::count(part.shard.cells, cell.name));
      checked += static_cast<std::size_t>(std::ranges::count(part.shard.checked, cell.name));
    }
    if (measured == 1 + checked / 2 && checked % 2 == 0 && checked <= 2) continue;
    return fail(ErrorKind::data,
                fmt::format("{}: cell {} is measured by {} shards, and {} of them say that another does",
                            (parts.front().folder / "run.json").string(), cell.name, measured, checked),
                "the shards were not made by one program: measure them again");
  }
  return {};
}

Status check_finished(const std::vector<RunPart>& parts) {
  std::vector<std::string> unfinished;
  for (const RunPart& part : parts) {
    std::vector<std::string> cells;
    for (const std::string& cell : part.shard.cells)
      if (!has_outcome(part.folder_of(cell))) cells.push_back(cell);
    if (!cells.empty())
      unfinished.push_back(fmt::format("{} lacks {} of its {} cells: {}", part.text(), cells.size(),
                                       part.shard.cells.size(), some_of(cells)));
  }
  if (unfinished.empty()) return {};
  return fail(ErrorKind::usage, fmt::format("{}", fmt::join(unfinished, "; ")),
              "go on with what is not finished: the same command line with --resume");
}

Status read_outcomes(RunPart* part) {
  for (const DescribedCell& cell : part->run.cells) {
    if (std::ranges::find(part->shard.cells, cell.name) == part->shard.cells.end()) continue;
    TRY(outcome, read_outcome(part->folder_of(cell.name), part->run, cell));
    part->outcomes.emplace(cell.name, std::move(outcome));
  }
  return {};
}

// The first that measured it; of two, one that came to INVALID, since then nothing was compared.
std::size_t source_of(const std::string& cell, const std::vector<RunPart>& parts) {
  std::optional<std::size_t> source;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto outcome = parts[i].outcomes.find(cell);
    if (outcome == parts[i].outcomes.end()) continue;
    if (!source || outcome->second.kind == OutcomeKind::invalid) source = i;
  }
  return source.value_or(0);
}

}  // namespace

std::string RunPart::text() const { return fmt::format("{} ({})", shard.text(), folder.string()); }

Result<std::vector<RunPart>> read_run_parts(const std::vector<fs::path>& folders) {
  std::vector<RunPart> parts;
  for (const fs::path& folder : folders) {
    TRY(part, read_part(folder));
    parts.push_back(std::move(part));
  }
  std::ranges::stable_sort(parts, {}, [](const RunPart& part) { return part.shard.index; });
  for (const RunPart& part : parts) TRY_STATUS(check_same_run(parts.front(), part));
  TRY_STATUS(check_same_build(parts));
  TRY_STATUS(check_each_once(parts));
  TRY_STATUS(check_division(parts));
  TRY_STATUS(check_finished(parts));
  for (RunPart& part : parts) TRY_STATUS(read_outcomes(&part));
  return parts;
}

RunRecord whole_of(const std::vector<RunPart>& parts) {
  RunRecord whole = parts.front().run;
  std::vector<MergedShard>& shards = whole.circumstances.shards;
  for (const RunPart& part : parts) {
    const Circumstances& then = part.run.circumstances;
    shards.push_back(
        {part.shard.index, then.started, then.commit, then.jobs, then.host_system, then.host_processors, {}});
  }
  for (const DescribedCell& cell : whole.cells)
    shards[source_of(cell.name, parts)].cells.push_back(cell.name);
  return whole;
}

}  // namespace loopgate
