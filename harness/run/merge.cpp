#include "run/merge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "base/cannot_write.h"
#include "base/digest.h"
#include "base/file.h"
#include "base/scratch_dir.h"
#include "record/amendments.h"
#include "run/checked_cells.h"
#include "run/merge_parts.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* scratch_kind = "merge";

constexpr const char* measure_again =
    "measure this cell again: remove its folder, go on with its shard by --resume, then merge";

// Onto the disk it comes with all others, before the folder gets its name: put_in_place().
Status write_plainly(const fs::path& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  const bool written = file >= 0 && write_all(file, bytes);
  const int why = errno;
  if ((file >= 0 && ::close(file) != 0) || !written) return cannot_write(path, written ? errno : why);
  return {};
}

// A link leads out of the shard, and a pipe never ends.
Status check_is_file(const fs::path& path) {
  std::error_code failed;
  const fs::file_type type = fs::symlink_status(path, failed).type();
  if (type == fs::file_type::not_found)
    return fail(ErrorKind::data, fmt::format("{}: is gone, and outcome.json has its digest", path.string()),
                measure_again);
  if (type != fs::file_type::regular)
    return fail(ErrorKind::data, fmt::format("{}: is neither a file nor a folder", path.string()));
  return {};
}

// Without a digest: as they are.
Result<std::string> read_unaltered(const fs::path& path, const std::string& sha256) {
  TRY_STATUS(check_is_file(path));
  TRY(bytes, read_file(path, ErrorKind::data));
  if (!sha256.empty() && sha256_of(bytes) != sha256)
    return fail(
        ErrorKind::data,
        fmt::format("{}: was altered: it is not the file that outcome.json has the digest of", path.string()),
        measure_again);
  return bytes;
}

// A cell's folder, but for the statistics, which are computed anew. What is copied is what was hashed.
// Digests are of the files at the cell's top.
Status copy_cell(const RunPart& part, const std::string& cell, const fs::path& to) {
  const fs::path from = part.folder_of(cell);
  const Outcome& outcome = part.outcomes.at(cell);
  for (const auto& [name, sha256] : outcome.artifacts) TRY_STATUS(check_is_file(from / name));
  TRY_STATUS(make_directories(to));
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(from, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const fs::path name = entry->path().lexically_relative(from);
    if (name == "summary.json") continue;
    if (entry->symlink_status(failed).type() == fs::file_type::directory) {
      TRY_STATUS(make_directories(to / name));
      continue;
    }
    const auto artifact = outcome.artifacts.find(name.string());
    TRY(bytes, read_unaltered(entry->path(),
                              artifact == outcome.artifacts.end() ? std::string() : artifact->second));
    TRY_STATUS(write_plainly(to / name, bytes));
  }
  if (!failed) return {};
  return fail(ErrorKind::data, fmt::format("{}: cannot be read: {}", from.string(), failed.message()));
}

const RunPart& part_of(std::int64_t index, const std::vector<RunPart>& parts) {
  return parts[static_cast<std::size_t>(index) - 1];
}

Status copy_cells(const RunRecord& whole, const std::vector<RunPart>& parts, const fs::path& folder) {
  for (const MergedShard& shard : whole.circumstances.shards)
    for (const std::string& cell : shard.cells)
      TRY_STATUS(copy_cell(part_of(shard.index, parts), cell, folder / "cells" / cell));
  return {};
}

// Of a cell that two shards measured, the one that is not copied: what its digests say was compared, and its
// files must be what they say.
Status check_uncopied(const RunRecord& whole, const std::vector<RunPart>& parts) {
  for (const MergedShard& shard : whole.circumstances.shards) {
    const RunPart& part = part_of(shard.index, parts);
    for (const std::string& cell : part.shard.checked) {
      if (std::ranges::find(shard.cells, cell) != shard.cells.end()) continue;
      for (const auto& [name, sha256] : part.outcomes.at(cell).artifacts)
        TRY_STATUS(read_unaltered(part.folder_of(cell) / name, sha256));
    }
  }
  return {};
}

// Neither of two machines that do not repeat each other can be believed in anything else, and nobody knows
// which one errs. The second one's files of that cell stand in again/, as after --verify-determinism.
Status note_unequal(const std::vector<CheckedCell>& checked, const fs::path& folder) {
  std::vector<std::string> amended;
  for (const CheckedCell& each : checked) {
    if (each.unequal.empty()) continue;
    TRY_STATUS(copy_cell(*each.second, each.cell, folder / "cells" / each.cell / "again"));
    for (const RunPart* part : {each.first, each.second})
      for (const std::string& cell : part->shard.cells) {
        if (std::ranges::find(amended, cell) != amended.end()) continue;
        amended.push_back(cell);
        TRY_STATUS(
            amend_outcome(folder / "cells" / cell, "merge", each.unequal,
                          "one of the two machines does not repeat itself: measure both shards again, with "
                          "--verify-determinism, and merge again"));
      }
  }
  return {};
}

// The copies were read as any later command will read them.
Status check_readable(const Comparison& statistics) {
  for (const GroupEvidence& group : statistics.groups)
    for (const UnmeasuredCell& cell : group.invalid)
      if (cell.unreadable)
        return fail(ErrorKind::data, fmt::format("cell {} can't be merged: {}", cell.cell, cell.reason),
                    measure_again);
  return {};
}

void add_outcomes(const Comparison& statistics, MergedRun* run) {
  for (const GroupEvidence& group : statistics.groups) {
    run->cells += group.cells.size();
    run->all_measured = run->all_measured && group.invalid.empty();
    for (const UnmeasuredCell& cell : group.invalid)
      run->kernel_failed = run->kernel_failed || cell.kernel_failed();
  }
}

// A folder of its own there until it is whole.
Status put_in_place(const fs::path& folder, const fs::path& out) {
  const int disk = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool safe = disk >= 0 && ::syncfs(disk) == 0;
  std::error_code failed(safe ? 0 : errno, std::generic_category());
  if (disk >= 0) ::close(disk);
  if (!failed) fs::rename(folder, out, failed);
  if (!failed) return {};
  return cannot_write(out, failed.value());
}

// Nothing, or an empty folder: what a rename can put the run in the place of, which it can't for a link and
// for ".".
Status check_new(const fs::path& out) {
  const fs::path named = out.has_filename() ? out : out.parent_path();  // a slash at the end follows a link
  if (named.filename() == "." || named.filename() == "..")
    return fail(ErrorKind::usage, fmt::format("{} names no new folder", out.string()),
                "name another folder with --out");
  std::error_code ignored;
  const fs::file_status there = fs::symlink_status(named, ignored);
  if (!fs::exists(there) || (fs::is_directory(there) && fs::is_empty(named, ignored))) return {};
  return fail(ErrorKind::usage,
              fmt::format("{} {}", out.string(), fs::is_symlink(there) ? "is a link" : "exists"),
              "name another folder with --out");
}

void add_checked(const std::vector<CheckedCell>& checked, MergedRun* run) {
  for (const CheckedCell& each : checked) {
    ++(each.compared ? run->compared : run->uncompared);
    if (!each.unequal.empty()) run->unequal.push_back(each.unequal);
  }
}

}  // namespace

std::string summary_of(const MergedRun& run) {
  const auto cells = [](std::size_t count) { return fmt::format("{} cell{}", count, count == 1 ? "" : "s"); };
  std::string text =
      fmt::format("{} shard{} of {}", run.shards, run.shards == 1 ? "" : "s", cells(run.cells));
  if (run.compared != 0) {
    const bool one = run.compared == 1;
    text += fmt::format("; {} {} measured by two shards, and ", cells(run.compared), one ? "was" : "were");
    text += run.unequal.empty() ? fmt::format("{} measurements are equal to the byte", one ? "its" : "their")
                                : fmt::format("{} unequal", run.unequal.size());
  }
  if (run.uncompared != 0)
    text += fmt::format("; {} could not be compared: one of two shards could not measure {}",
                        cells(run.uncompared), run.uncompared == 1 ? "it" : "each");
  return text;
}

Result<MergedRun> merge_run(const std::vector<fs::path>& folders, const fs::path& out) {
  TRY_STATUS(check_new(out));
  TRY(parts, read_run_parts(folders));
  const std::vector<CheckedCell> checked = compare_checked(parts);
  const RunRecord whole = whole_of(parts);
  const fs::path parent = fs::absolute(out / "").parent_path().parent_path();
  TRY_STATUS(make_directories(parent));
  remove_abandoned(parent, scratch_kind);
  TRY(scratch, ScratchDir::create(parent, scratch_kind));
  const fs::path folder = scratch.path() / "whole";
  TRY_STATUS(make_directories(folder / "cells"));
  TRY_STATUS(copy_cells(whole, parts, folder));
  TRY_STATUS(check_uncopied(whole, parts));
  TRY_STATUS(write_run_record(folder, whole));
  TRY_STATUS(note_unequal(checked, folder));
  MergedRun run;
  TRY(statistics, compute_run_statistics(folder, {}, write_plainly));
  TRY_STATUS(check_readable(statistics));
  add_outcomes(statistics, &run);
  run.statistics = std::move(statistics);
  run.shards = parts.size();
  add_checked(checked, &run);
  TRY_STATUS(put_in_place(folder, out));
  return run;
}

}  // namespace loopgate
