// The user's own files that a run was made from, as paths that can be read today.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "record/run_record.h"

namespace loopgate {

// The path of the input of `kind` (given_files.h) that has this name there; its name alone where it was none
// of the user's own. Where that file is gone or has another text, run.json's is written into `texts`, and
// without such a folder ("") a usage error says that it is gone. `further`: what the file reads besides
// itself, and no run holds; then a usage error names it.
Result<std::string> own_text(const RunRecord& run, const std::string& kind, const std::string& name,
                             const InputFile& input, const std::filesystem::path& texts,
                             const std::string& further = {});

// "model.onnx (sha256 ...)" of each file of the suite's payload.
std::string files_of_suite(const RunRecord& run);

// The same of a kernel's image; empty where it comes of a package.
std::string files_of_kernel(const RunRecord& run, const KernelInput& kernel);

}  // namespace loopgate
