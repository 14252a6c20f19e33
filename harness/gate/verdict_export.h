// gate --export FORM FILE: the verdict in a form that another program collects, beside the run's own files.
#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "gate/verdict.h"
#include "gate/verdict_files.h"
#include "stats/comparison.h"

namespace loopgate {

enum class VerdictForm { openmetrics, kcidb };

inline constexpr std::array<std::pair<const char*, VerdictForm>, 2> verdict_forms = {
    {{"openmetrics", VerdictForm::openmetrics}, {"kcidb", VerdictForm::kcidb}}};

struct VerdictExport {
  VerdictForm form = VerdictForm::openmetrics;
  std::filesystem::path file;
};

struct ExportRequests {
  std::vector<VerdictExport> files;
  std::string kcidb_origin = "loopgate";  // the CI system that reports, as KCIDB knows it
};

// A usage error where a file cannot be written, is named twice, stands in the folder of a run, this one or
// another, whose files are the run's own, or is one of `inputs` or stands in one that is a folder; and for an
// origin that KCIDB refuses. `inputs`: what else the gate reads, such as the policy; those that are empty
// were not given.
Status check_exports(const ExportRequests& requests, const std::filesystem::path& run_dir,
                     const std::vector<std::filesystem::path>& inputs = {});

// The files' texts. A usage or data error where run.json can't be read.
Result<std::vector<FileText>> exports_of(const ExportRequests& requests, const std::filesystem::path& run_dir,
                                         const Verdict& verdict, const Comparison& comparison);

// Earlier ones.
Status remove_exports(const ExportRequests& requests);

// What no form has a place for, a sentence each.
std::vector<std::string> lost_in_exports(const ExportRequests& requests, const Comparison& comparison);

}  // namespace loopgate
