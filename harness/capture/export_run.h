// What was measured, in the forms of files that plots and databases of other people read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

enum class ExportForm { cyclictest_json, histfile, csv };

struct ExportRequest {
  ExportForm form = ExportForm::csv;
  std::filesystem::path from;  // a run, what was imported, or a file in one of them; or a result file
  std::string kernel;          // empty: the one that there is; csv has all
  std::string load;
  std::string version;  // of this program
};

struct Exported {
  std::string text;
  std::vector<std::string> lost;             // what the form has no place for
  std::vector<std::string> unreadable = {};  // cells of which a file is damaged, so that they are not in it
};

// A usage error where there is nothing of that kernel and load, where a form of one kernel under one load is
// asked of several, or where bins are wider than cyclictest's; a data error where what is read is damaged.
Result<Exported> export_run(const ExportRequest& request);

}  // namespace loopgate
