#include "gate/verdict_export.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/place_to_write.h"
#include "gate/kcidb.h"
#include "gate/openmetrics.h"
#include "record/derived_files.h"
#include "record/run_record.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

fs::path place_of(const fs::path& file) {
  std::error_code failed;
  fs::path place = fs::weakly_canonical(fs::absolute(file, failed), failed);
  return failed ? file : place;
}

bool is_in(const fs::path& file, const fs::path& folder) {
  const fs::path place = place_of(file);
  const fs::path root = place_of(folder);
  return std::mismatch(root.begin(), root.end(), place.begin(), place.end()).first == root.end();
}

Status check_export(const VerdictExport& each, const fs::path& run_dir) {
  if (is_in(each.file, run_dir))
    return fail(
        ErrorKind::usage,
        fmt::format("--export {}: is in the run's folder, whose files are the run's own", each.file.string()),
        "name a file elsewhere");
  return check_file_place(each.file, "--export");
}

}  // namespace

Status check_exports(const ExportRequests& requests, const fs::path& run_dir) {
  const std::string& origin = requests.kcidb_origin;
  if (!is_kcidb_origin(origin))
    return fail(
        ErrorKind::usage,
        fmt::format("--kcidb-origin {}: KCIDB knows CI systems by names of a-z, 0-9 and _ alone", origin),
        "give the name that your CI system has there");
  for (auto each = requests.files.begin(); each != requests.files.end(); ++each) {
    TRY_STATUS(check_export(*each, run_dir));
    const auto same = [&](const VerdictExport& other) {
      return place_of(other.file) == place_of(each->file);
    };
    if (std::any_of(requests.files.begin(), each, same))
      return fail(ErrorKind::usage, fmt::format("--export {}: is named twice", each->file.string()),
                  "name a file for each form");
  }
  return {};
}

Result<std::vector<FileText>> exports_of(const ExportRequests& requests, const fs::path& run_dir,
                                         const Verdict& verdict, const Comparison& comparison) {
  std::vector<FileText> texts;
  if (requests.files.empty()) return texts;
  TRY(run, read_run_record(run_dir));
  for (const VerdictExport& each : requests.files)
    texts.push_back({each.file, each.form == VerdictForm::openmetrics
                                    ? to_openmetrics(verdict, comparison, run)
                                    : to_kcidb(verdict, comparison, run, requests.kcidb_origin)});
  return texts;
}

Status remove_exports(const ExportRequests& requests) {
  Status first;
  for (const VerdictExport& each : requests.files)
    if (auto removed = remove_answer(each.file); !removed && first) first = std::move(removed);
  return first;
}

std::vector<std::string> lost_in_exports(const ExportRequests& requests, const Comparison& comparison) {
  if (requests.files.empty() || comparison.programs.empty()) return {};
  return {"the figures of programs that measure by themselves: their verdicts are"};
}

}  // namespace loopgate
