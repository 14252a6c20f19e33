#include "gate/verdict_files.h"

#include <array>
#include <utility>

#include "base/file.h"
#include "gate/junit.h"
#include "gate/verdict_markdown.h"
#include "record/derived_files.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

}  // namespace

Status write_verdict(const fs::path& folder, const Verdict& verdict, const Comparison& comparison) {
  const std::array<std::pair<const char*, std::string>, 3> files = {
      {{"verdict.json", to_json(verdict)},
       {"junit.xml", to_junit(verdict, comparison)},
       {"verdict.md", to_markdown(verdict, comparison)}}};
  for (const auto& [name, text] : files) {
    const Status written = write_file_atomically(folder / name, text);
    if (written) continue;
    (void)remove_verdict(folder);  // a part of a verdict would be taken for the whole
    return written;
  }
  return {};
}

}  // namespace loopgate
