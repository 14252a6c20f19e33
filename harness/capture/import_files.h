// Files of programs that measure themselves, into a folder that `gate`, `stats` and `report` read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "capture/imported_file.h"

namespace loopgate {

struct ImportRequest {
  std::string program;  // one of result_programs (programs/result/result_file.h)
  std::vector<std::filesystem::path> files;
  ResultOptions options;
  MeasuredBoard board;
};

// Each file is read once, in portions. A usage error, whatever is wrong with one: it is of another program or
// another quantity than the first, was exported from a run in virtual time, is damaged or cut off, or
// contradicts itself or the load that it is said to be of. The sentence begins with the file's name.
Result<ImportedRun> import_files(const ImportRequest& request);

// Into a folder that is there: the copies of the sources that are kept, and imported.json, last.
Status write_imported(const std::filesystem::path& folder, const ImportedRun& run);

// That each source that is kept says what imported.json has of it: it is read again. A data error where one
// was altered or is gone, or imported.json says another thing, whoever has sealed it.
Status check_sources(const std::filesystem::path& folder, const ImportedRun& run);

}  // namespace loopgate
