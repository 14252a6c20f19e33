// The files of the user's own that a run was made from, by the paths that they were given by.
#pragma once

#include <string>

#include "record/run_record.h"

namespace loopgate {

// Where the run is whose inputs it had to have, among the kinds.
inline constexpr const char* inputs_kind = "inputs";

// Of `kind` ("kernels", "loads", "suites", "boards") and name; null where it was none of the user's own.
inline const std::string* given_path(const RunRecord& run, const std::string& kind, const std::string& name) {
  const auto& files = run.circumstances.files;
  const auto of_kind = files.find(kind);
  if (of_kind == files.end()) return nullptr;
  const auto path = of_kind->second.find(name);
  return path == of_kind->second.end() ? nullptr : &path->second;
}

}  // namespace loopgate
