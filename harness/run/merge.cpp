#include "run/merge.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/digest.h"
#include "base/file.h"
#include "base/scratch_dir.h"
#include "record/amendments.h"
#include "run/equal_runs.h"
#include "run/merge_parts.h"
#include "stats/stats_run.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* scratch_kind = "merge";

// A cell that two shards have measured, and what the second one came to.
struct Checked {
  std::string cell;
  const RunPart* first;
  const RunPart* second;
  std::string unequal;  // a sentence; empty where they are equal to the byte
};

// A cell that one of the two could not measure stands for itself: it is INVALID, and nothing was compared.
std::string compare(const std::string& cell, const RunPart& first, const RunPart& second) {
  const Outcome& one = first.outcomes.at(cell);
  const Outcome& other = second.outcomes.at(cell);
  if (one.kind == OutcomeKind::invalid || other.kind == OutcomeKind::invalid) return {};
  std::string difference;
  if (one.kind != other.kind) {
    difference = fmt::format("one came to {}, the other to {}", name_of(one.kind), name_of(other.kind));
  } else {
    difference = unequal_text({one, first.folder_of(cell)}, {other, second.folder_of(cell)});
    if (!difference.empty()) difference = "they gave " + difference;
  }
  if (difference.empty()) return {};
  return fmt::format("{} and {} measured {}, and {}", first.text(), second.text(), cell, difference);
}

std::vector<Checked> compare_all(const std::vector<RunPart>& parts) {
  std::vector<Checked> all;
  for (auto first = parts.begin(); first != parts.end(); ++first)
    for (const std::string& cell : first->shard.checked)
      for (auto second = first + 1; second != parts.end(); ++second)
        if (second->outcomes.contains(cell))
          all.push_back({cell, &*first, &*second, compare(cell, *first, *second)});
  return all;
}

Status write_plainly(const fs::path& path, std::string_view bytes) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  const bool written = file >= 0 && write_all(file, bytes);
  const int why = errno;
  if ((file >= 0 && ::close(file) != 0) || !written)
    return fail(ErrorKind::infrastructure, fmt::format("{}: cannot be written: {}", path.string(),
                                                       std::strerror(written ? errno : why)));
  return {};
}

// What is copied is what was hashed. Digests are of the files at the cell's top.
Status copy_file(const fs::path& from, const fs::path& to, const std::string& sha256) {
  TRY(bytes, read_file(from, ErrorKind::data));
  if (!sha256.empty() && sha256_of(bytes) != sha256)
    return fail(
        ErrorKind::data,
        fmt::format("{}: was altered: it is not the file that outcome.json has the digest of", from.string()),
        "measure this cell again: remove its folder, go on with its shard by --resume, then merge");
  return write_plainly(to, bytes);
}

// A cell's folder, but for the statistics, which are computed anew.
Status copy_cell(const RunPart& part, const std::string& cell, const fs::path& to) {
  const fs::path from = part.folder_of(cell);
  const Outcome& outcome = part.outcomes.at(cell);
  for (const auto& [name, sha256] : outcome.artifacts) {
    std::error_code ignored;
    if (!fs::exists(from / name, ignored))
      return fail(ErrorKind::data,
                  fmt::format("{}: is gone, and outcome.json has its digest", (from / name).string()),
                  "measure this cell again: remove its folder, go on with its shard by --resume, then merge");
  }
  TRY_STATUS(make_directories(to));
  std::error_code failed;
  for (fs::recursive_directory_iterator entry(from, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    const fs::path name = entry->path().lexically_relative(from);
    if (name == "summary.json") continue;
    const fs::file_type type = entry->symlink_status(failed).type();
    if (type == fs::file_type::directory) {
      TRY_STATUS(make_directories(to / name));
      continue;
    }
    if (type != fs::file_type::regular)  // a link leads out of the shard, and a pipe never ends
      return fail(ErrorKind::data, fmt::format("{}: is neither a file nor a folder", entry->path().string()));
    const auto artifact = outcome.artifacts.find(name.string());
    TRY_STATUS(copy_file(entry->path(), to / name,
                         artifact == outcome.artifacts.end() ? std::string() : artifact->second));
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

// Neither of two machines that do not repeat each other can be believed in anything else, and nobody knows
// which one errs. The second one's files of that cell stand in again/, as after --verify-determinism.
Status note_unequal(const std::vector<Checked>& compared, const fs::path& folder) {
  std::vector<std::string> amended;
  for (const Checked& each : compared) {
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
Status check_readable(const Comparison& statistics, const fs::path& folder) {
  for (const GroupEvidence& group : statistics.groups)
    for (const UnmeasuredCell& cell : group.invalid)
      if (cell.unreadable)
        return fail(
            ErrorKind::data,
            fmt::format("cell {} can't be merged: {}", cell.cell,
                        cell.reason.starts_with(folder.string())
                            ? cell.reason.substr(folder.string().size() + 1)
                            : cell.reason),
            "measure this cell again: remove its folder, go on with its shard by --resume, then merge");
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
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be written: {}", out.string(), failed.message()));
}

Status check_new(const fs::path& out) {
  std::error_code ignored;
  const bool taken =
      fs::exists(out, ignored) && !(fs::is_directory(out, ignored) && fs::is_empty(out, ignored));
  if (!taken) return {};
  return fail(ErrorKind::usage, fmt::format("{} exists", out.string()), "name another folder with --out");
}

}  // namespace

Result<MergedRun> merge_run(const std::vector<fs::path>& folders, const fs::path& out) {
  TRY_STATUS(check_new(out));
  TRY(parts, read_run_parts(folders));
  const std::vector<Checked> compared = compare_all(parts);
  const RunRecord whole = whole_of(parts);
  const fs::path parent = fs::absolute(out / "").parent_path().parent_path();
  TRY_STATUS(make_directories(parent));
  remove_abandoned(parent, scratch_kind);
  TRY(scratch, ScratchDir::create(parent, scratch_kind));
  const fs::path folder = scratch.path() / "whole";
  TRY_STATUS(make_directories(folder / "cells"));
  TRY_STATUS(copy_cells(whole, parts, folder));
  TRY_STATUS(write_run_record(folder, whole));
  TRY_STATUS(note_unequal(compared, folder));
  MergedRun run;
  TRY(statistics, compute_run_statistics(folder));
  TRY_STATUS(check_readable(statistics, folder));
  add_outcomes(statistics, &run);
  run.statistics = std::move(statistics);
  run.shards = parts.size();
  run.compared = compared.size();
  for (const Checked& each : compared)
    if (!each.unequal.empty()) run.unequal.push_back(each.unequal);
  TRY_STATUS(put_in_place(folder, out));
  return run;
}

}  // namespace loopgate
