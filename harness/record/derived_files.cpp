#include "record/derived_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <string>
#include <vector>

#include "base/file.h"
#include "record/calibration.h"
#include "record/hunt_file.h"
#include "record/worst_case.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::array verdict_files = {"verdict.json", "junit.xml", "verdict.md"};
constexpr std::array statistics_files = {"comparison.json", "distribution.json", "bounds.json"};
constexpr std::array measurements = {"run.json", "latmon.json", "imported.json"};
constexpr const char* report_page = "index.html";
constexpr const char* report_table = "table.txt";
constexpr const char* report_runs = "runs.txt";

// The first failure of several removals; the others are tried all the same.
class Removal {
 public:
  void remove(const fs::path& path) {
    std::error_code failed;
    if (fs::is_directory(fs::symlink_status(path, failed)))
      return note(path, std::make_error_code(std::errc::is_a_directory));
    fs::remove(path, failed);
    note(path, failed);
  }
  void remove_emptied(const fs::path& folder) {
    std::error_code failed;
    fs::remove(folder, failed);
    note(folder, failed);
  }
  void note(const fs::path& path, const std::error_code& failed) {
    if (!failed || !first_failure_) return;
    first_failure_ = fail(
        ErrorKind::infrastructure,
        fmt::format("{}: is an earlier answer, and can't be removed: {}", path.string(), failed.message()),
        "do not take it for this call's answer: remove it, or let it be removed");
  }
  void add(const Status& other) {
    if (!other && first_failure_) first_failure_ = other;
  }
  const Status& status() const { return first_failure_; }

 private:
  Status first_failure_;
};

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  std::error_code failed;
  for (fs::directory_iterator each(folder, failed), end; !failed && each != end; each.increment(failed))
    entries.push_back(each->path());
  return entries;
}

bool is_of_a_report(const fs::path& path) {
  return path.filename() == report_page || path.filename() == report_table ||
         path.filename() == report_runs || path.extension() == ".png" || path.extension() == ".svg" ||
         path.extension() == ".pdf";
}

Status remove_with_entries(const fs::path& folder) {
  Removal removal;
  for (const fs::path& entry : entries_of(folder)) removal.remove(entry);
  removal.remove_emptied(folder);
  return removal.status();
}

// Of a folder that holds anything else, the page alone.
Status remove_page_in(const fs::path& run_folder, const char* name) {
  const fs::path folder = run_folder / name;
  std::error_code ignored;
  if (!holds_measurement(run_folder) || !fs::is_directory(fs::symlink_status(folder, ignored))) return {};
  if (std::ranges::all_of(entries_of(folder), is_of_a_report)) return remove_with_entries(folder);
  Removal removal;
  removal.remove(folder / report_page);
  return removal.status();
}

// The first one was this run, which may have been moved, and others with it. Empty where one of them is
// nowhere: no line draws the page again.
std::vector<fs::path> where_they_are_now(std::vector<fs::path> runs, const fs::path& run_folder) {
  if (runs.empty()) return runs;
  const fs::path before = runs.front().parent_path();
  std::error_code ignored;
  const fs::path now = fs::absolute(run_folder / "", ignored).parent_path().parent_path();
  runs.front() = run_folder;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (holds_measurement(runs[i])) continue;
    runs[i] = now / runs[i].lexically_relative(before);
    if (!holds_measurement(runs[i])) return {};
  }
  return runs;
}

}  // namespace

bool holds_measurement(const fs::path& folder) {
  std::error_code ignored;
  return std::ranges::any_of(measurements,
                             [&](const char* name) { return fs::exists(folder / name, ignored); });
}

bool has_verdict(const fs::path& folder) {
  std::error_code ignored;
  return holds_measurement(folder) && std::ranges::any_of(verdict_files, [&](const char* name) {
           return fs::exists(folder / name, ignored);
         });
}

std::vector<std::vector<fs::path>> drawn_pages(const fs::path& run_folder) {
  std::vector<std::vector<fs::path>> pages;
  std::error_code ignored;
  if (fs::exists(run_folder / "report" / report_page, ignored)) pages.push_back({run_folder});
  if (!fs::exists(run_folder / "kernels" / report_page, ignored)) return pages;
  std::istringstream lines(read_file(run_folder / "kernels" / report_runs).value_or(""));
  std::vector<fs::path> runs;
  for (std::string line; std::getline(lines, line);) runs.emplace_back(line);
  pages.push_back(where_they_are_now(std::move(runs), run_folder));
  return pages;
}

Status remove_verdict(const fs::path& folder) {
  if (!holds_measurement(folder)) return {};
  // All go or none: once their paths are made, removing them takes no memory.
  std::array<fs::path, verdict_files.size()> files;
  std::ranges::transform(verdict_files, files.begin(), [&](const char* name) { return folder / name; });
  Removal removal;
  std::error_code ignored;
  if (fs::exists(files.front(), ignored)) {
    removal.add(remove_report(folder));
    removal.add(remove_kernels_page(folder));
  }
  for (const fs::path& file : files) removal.remove(file);
  return removal.status();
}

Status remove_statistics(const fs::path& run_folder) {
  if (!holds_measurement(run_folder)) return {};
  Removal removal;
  for (const char* name : statistics_files) removal.remove(run_folder / name);
  std::error_code ignored;
  for (const fs::path& cell : entries_of(run_folder / "cells"))
    if (fs::is_directory(cell, ignored)) removal.remove(cell / "summary.json");
  return removal.status();
}

Status remove_report(const fs::path& run_folder) { return remove_page_in(run_folder, "report"); }

Status remove_kernels_page(const fs::path& run_folder) { return remove_page_in(run_folder, "kernels"); }

Status remove_page(const fs::path& folder) {
  std::error_code ignored;
  if (!fs::is_directory(fs::symlink_status(folder, ignored)) || !fs::exists(folder / report_page, ignored) ||
      !std::ranges::all_of(entries_of(folder), is_of_a_report))
    return {};
  return remove_with_entries(folder);
}

Status remove_paths(const fs::path& run_folder) {
  if (!holds_measurement(run_folder)) return {};
  Removal removal;
  removal.remove(run_folder / paths_file);
  return removal.status();
}

Status remove_sections(const fs::path& run_folder) {
  if (!holds_measurement(run_folder)) return {};
  Removal removal;
  for (const char* file : {sections_json_file, sections_csv_file, sections_folded_file})
    removal.remove(run_folder / file);
  return removal.status();
}

Status remove_worst_cases(const fs::path& run_folder) {
  if (!holds_measurement(run_folder)) return {};
  Removal removal;
  removal.remove(run_folder / worst_case_file);
  return removal.status();
}

Status remove_hunt(const fs::path& run_folder) {
  if (!holds_measurement(run_folder)) return {};
  Removal removal;
  removal.remove(run_folder / hunt_file);
  return removal.status();
}

Status remove_derived(const fs::path& run_folder) {
  Removal removal;
  removal.add(remove_verdict(run_folder));
  removal.add(remove_report(run_folder));
  removal.add(remove_kernels_page(run_folder));
  removal.add(remove_statistics(run_folder));
  removal.add(remove_paths(run_folder));
  removal.add(remove_sections(run_folder));
  removal.add(remove_worst_cases(run_folder));
  removal.add(remove_hunt(run_folder));
  return removal.status();
}

Status remove_calibration(const fs::path& folder) {
  Removal removal;
  std::error_code ignored;
  if (fs::is_directory(folder / variants_folder, ignored)) removal.remove(folder / calibration_file);
  return removal.status();
}

Status remove_answer(const fs::path& path) {
  Removal removal;
  std::error_code failed;
  const fs::path file = fs::canonical(path, failed);  // a link stays, and is written through
  if (!failed && fs::is_regular_file(file, failed) && !own_stream(file)) removal.remove(file);
  return removal.status();
}

}  // namespace loopgate
