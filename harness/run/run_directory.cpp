#include "run/run_directory.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/file.h"
#include "record/cell_files.h"
#include "record/derived_files.h"
#include "record/outcome.h"
#include "record/programs_file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// 1 GiB of them.
constexpr std::size_t most_latencies_kept = std::size_t{1} << 27U;

// Nothing yet, or what a run leaves that was ended before it had written run.json.
bool is_untouched(const fs::path& path) {
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(path, failed)) {
    if (entry.path().filename() != "cells" || !entry.is_directory(failed) ||
        !fs::is_empty(entry.path(), failed))
      return false;
  }
  return !failed;
}

// The run in the folder, which must be the very same.
Result<RunRecord> resumable(const fs::path& path, const RunRecord& run) {
  std::error_code ignored;
  if (!fs::exists(path / "run.json", ignored))
    return fail(ErrorKind::usage, fmt::format("{} holds no run to resume (no run.json)", path.string()),
                "name the folder of a run, or another one with --out and leave --resume out");
  TRY(before, read_run_record(path));
  // What this machine measured would bear the name and the day of the shard that the cell was from.
  if (!before.circumstances.shards.empty())
    return fail(ErrorKind::usage, fmt::format("{} is a merged run, which is not gone on with", path.string()),
                "measure the shard again and merge");
  const std::string difference = first_difference_text(before, run);
  if (difference.empty()) return before;
  return fail(ErrorKind::usage,
              fmt::format("{} holds another run than this one: {}", path.string(), difference),
              "give the same suite, kernels, loads, samples and seed, or name another folder with --out");
}

}  // namespace

Status RunDirectory::check_new(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path, ignored) || is_untouched(path)) return {};
  return fail(ErrorKind::usage, fmt::format("{} exists", path.string()),
              "name another folder with --out, or go on with that run by --resume");
}

Result<RunDirectory> RunDirectory::open(const fs::path& path, const RunRecord& run, bool resume) {
  if (const Status is_new = check_new(path); !is_new) {
    if (!resume) return tl::unexpected(is_new.error());
    // Its cells are of the run that began then: the circumstances are of that day.
    TRY(before, resumable(path, run));
    TRY(lock, FileLock::take(path));
    return RunDirectory(path, std::move(before), std::move(lock));
  }
  TRY_STATUS(make_directories(path / "cells"));
  TRY(lock, FileLock::take(path));
  TRY_STATUS(write_run_record(path, run));
  return RunDirectory(path, run, std::move(lock));
}

Status RunDirectory::begin() const { return remove_derived(path_); }

Status RunDirectory::begin(const Cell& cell) const {
  TRY_STATUS(begin());
  std::error_code failed;
  fs::remove_all(folder_of(cell), failed);
  if (!failed) return {};
  return fail(ErrorKind::infrastructure, fmt::format("{}: can't be removed, to measure the cell again: {}",
                                                     folder_of(cell).string(), failed.message()));
}

Status RunDirectory::finish(const Cell& cell, const Outcome& outcome) const {
  TRY(each, described(cell));
  return write_outcome(folder_of(cell), outcome, run_, each);
}

Result<Outcome> RunDirectory::outcome_of(const Cell& cell) const {
  TRY(each, described(cell));
  return read_outcome(folder_of(cell), run_, each);
}

Result<DescribedCell> RunDirectory::described(const Cell& cell) const {
  const auto found = std::ranges::find(run_.cells, cell.name, &DescribedCell::name);
  if (found != run_.cells.end()) return *found;
  return fail(ErrorKind::data, fmt::format("run.json has no cell {}", cell.name));
}

bool RunDirectory::is_finished(const Cell& cell, bool verified) const {
  const auto each = described(cell);
  return each && stands(*each, verified);
}

// Who reads of it elsewhere knows the files by their places in the run.
static std::string without_folder(std::string text, const fs::path& folder) {
  const std::string prefix = (folder / "").string();
  for (std::size_t at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
    text.erase(at, prefix.size());
  return text;
}

std::vector<BegunAgain> RunDirectory::begun_again() const {
  std::vector<BegunAgain> again;
  std::error_code ignored;
  for (const DescribedCell& cell : run_.cells) {
    if (!fs::exists(path_ / "cells" / cell.name, ignored)) continue;
    if (!has_outcome(path_ / "cells" / cell.name)) {
      again.push_back({cell.name, "it was cut off before it ended"});
    } else if (const Status fine = stands(cell, false); !fine) {
      again.push_back({cell.name, without_folder(fine.error().what, path_)});
    }
  }
  return again;
}

Status RunDirectory::stands(const DescribedCell& cell, bool verified) const {
  TRY(outcome, read_outcome(path_ / "cells" / cell.name, run_, cell));
  TRY_STATUS(check_shown_files(path_ / "cells" / cell.name, outcome));
  if (outcome.kind == OutcomeKind::kernel_failed) return {};  // the kernel's fault would only show again
  if (outcome.kind != OutcomeKind::measured) return fail(ErrorKind::infrastructure, outcome.reason);
  if (verified && !outcome.verified_determinism)
    return fail(ErrorKind::infrastructure, "was not measured twice");
  return has_sound_files(cell, outcome);
}

Status RunDirectory::has_sound_files(const DescribedCell& cell, const Outcome& outcome) const {
  const fs::path folder = path_ / "cells" / cell.name;
  {
    const std::lock_guard guard(kept_->mutex);
    const auto known = kept_->figures.find(cell.name);
    if (known != kept_->figures.end() && known->second.samples_sha256 == outcome.sha256_of(samples_artifact))
      return {};
  }
  if (!run_.programs.empty()) {
    const auto programs = load_programs(folder, outcome.sha256_of(programs_artifact));
    if (!programs) return tl::unexpected(programs.error());
  }
  if (run_.has_programs_alone()) return {};
  TRY(figures, read_cell_figures(folder, outcome, cell, run_));
  keep(cell.name, std::move(figures));
  return {};
}

void RunDirectory::keep(const std::string& cell, CellFigures figures) const {
  const std::size_t more =
      figures.measured.latencies.answered_ns.size() + figures.measured.latencies.not_sent_ns.size();
  const std::lock_guard guard(kept_->mutex);
  if (kept_->latencies + more > most_latencies_kept) return;
  kept_->latencies += more;
  kept_->figures.insert_or_assign(cell, std::move(figures));
}

KnownFigures RunDirectory::take_kept() const {
  const std::lock_guard guard(kept_->mutex);
  return std::exchange(kept_->figures, {});
}

}  // namespace loopgate
