// The files that are derived from a run's raw ones. An earlier answer must not outlive a question that came
// to none, as one of damaged files; but a mistake of the user's, such as a misspelt option or a policy that
// is not there, leaves everything on disk as it was: it asked nothing. Each function tries all of its files,
// and is an infrastructure error where one of them stays. A folder that holds neither a run nor a measurement
// in bounds (latmon.json, imported.json) is left alone: nothing in it was derived by us.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"

namespace loopgate {

// `result` as it is; where it is an error, and no mistake of the user's, once `remove` has removed the
// earlier answer.
template <class T, class Remove>
Result<T> without_earlier(Result<T> result, const Remove& remove) {
  if (result || result.error().kind == ErrorKind::usage) return result;
  TRY_STATUS(remove());
  return result;
}

// Whether the folder is a run's, or that of a measurement in bounds: what stands in it is that one's own.
bool holds_measurement(const std::filesystem::path& folder);

// Whether there is any of the files that remove_verdict() removes.
bool has_verdict(const std::filesystem::path& folder);

// Of each page in report/ and kernels/, which a verdict goes with, the runs that it is drawn of, in its
// order: this one alone, or as kernels/runs.txt has them, or where they were moved to with it; empty where
// one is nowhere. No page: nothing.
std::vector<std::vector<std::filesystem::path>> drawn_pages(const std::filesystem::path& run_folder);

// verdict.json, junit.xml and verdict.md; and the pages, where there was a verdict that they may show.
Status remove_verdict(const std::filesystem::path& folder);

// comparison.json, distribution.json, and the summary.json of every cell; bounds.json.
Status remove_statistics(const std::filesystem::path& run_folder);

// The page and the pictures in report/. Of a folder that holds anything else, the page alone.
Status remove_report(const std::filesystem::path& run_folder);

// The same of kernels/, the page that holds this run's kernels against those of other runs.
Status remove_kernels_page(const std::filesystem::path& run_folder);

// A page in a folder of the user's choice: one that holds a page and nothing but what belongs to it.
Status remove_page(const std::filesystem::path& folder);

// What `explain --program` found of the paths of the run's programs.
inline constexpr const char* paths_file = "paths.json";
Status remove_paths(const std::filesystem::path& run_folder);

// What `sections` recorded of the run's cells: sections.json, sections.csv and sections.folded.
inline constexpr const char* sections_json_file = "sections.json";
inline constexpr const char* sections_csv_file = "sections.csv";
inline constexpr const char* sections_folded_file = "sections.folded";
Status remove_sections(const std::filesystem::path& run_folder);

// What `bound` composed of them: worst-case.json (record/worst_case.h).
Status remove_worst_cases(const std::filesystem::path& run_folder);

// hunt.json (record/hunt_file.h).
Status remove_hunt(const std::filesystem::path& run_folder);

// All of them: what a cell comes to is about to change.
Status remove_derived(const std::filesystem::path& run_folder);

// calibration.json of a calibration: of a folder that holds null variants.
Status remove_calibration(const std::filesystem::path& folder);

// The answer that an option sends to a file, or through a link to one. Only a regular file goes: a device, a
// pipe and this program's own output are written into.
Status remove_answer(const std::filesystem::path& path);

}  // namespace loopgate
