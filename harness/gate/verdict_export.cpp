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

// The folder above `file`, at whatever height, that is a measurement's; empty where none is.
fs::path measurement_around(const fs::path& file) {
  for (fs::path place = place_of(file); place.has_relative_path();) {
    place = place.parent_path();
    if (holds_measurement(place)) return place;
  }
  return {};
}

Status refuse_export(const fs::path& file, const std::string& why) {
  return fail(ErrorKind::usage, fmt::format("--export {}: {}", file.string(), why), "name a file elsewhere");
}

Status check_export(const fs::path& file, const fs::path& run_dir, const std::vector<fs::path>& inputs) {
  if (is_in(file, run_dir))
    return refuse_export(file, "is in the run's folder, whose files are the run's own");
  for (const fs::path& input : inputs)
    if (!input.empty() && is_in(file, input))
      return refuse_export(file, fmt::format("would replace what this gate reads: {}", input.string()));
  if (const fs::path other = measurement_around(file); !other.empty())
    return refuse_export(file, fmt::format("is in {}, whose files are another run's own", other.string()));
  return check_file_place(file, "--export");
}

}  // namespace

Status check_exports(const ExportRequests& requests, const fs::path& run_dir,
                     const std::vector<fs::path>& inputs) {
  const std::string& origin = requests.kcidb_origin;
  if (!is_kcidb_origin(origin))
    return fail(
        ErrorKind::usage,
        fmt::format("--kcidb-origin {}: KCIDB knows CI systems by names of a-z, 0-9 and _ alone", origin),
        "give the name that your CI system has there");
  for (auto each = requests.files.begin(); each != requests.files.end(); ++each) {
    TRY_STATUS(check_export(each->file, run_dir, inputs));
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
  const bool any_kcidb =
      std::ranges::find(requests.files, VerdictForm::kcidb, &VerdictExport::form) != requests.files.end();
  if (!any_kcidb || comparison.programs.empty()) return {};
  return {"in KCIDB, the figures of programs that no rule judges"};
}

}  // namespace loopgate
