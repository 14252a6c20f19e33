#include "gate/verdict_files.h"

#include <array>
#include <cstddef>
#include <string>
#include <system_error>

#include "base/file.h"
#include "gate/junit.h"
#include "gate/verdict_markdown.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

using Paths = std::array<fs::path, 3>;

// A part of a verdict would be taken for the whole: it goes, also where an exception ends the writing. Takes
// no memory.
class Unfinished {
 public:
  explicit Unfinished(const Paths* paths) : paths_(paths) {}
  ~Unfinished() {
    if (paths_ == nullptr) return;
    std::error_code ignored;
    for (const fs::path& path : *paths_) fs::remove(path, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void finish() { paths_ = nullptr; }

 private:
  const Paths* paths_;
};

}  // namespace

Status write_verdict(const fs::path& folder, const Verdict& verdict, const Comparison& comparison) {
  const Paths paths = {folder / "verdict.json", folder / "junit.xml", folder / "verdict.md"};
  const std::array texts = {to_json(verdict), to_junit(verdict, comparison),
                            to_markdown(verdict, comparison)};
  Unfinished unfinished(&paths);
  for (std::size_t i = 0; i < paths.size(); ++i) TRY_STATUS(write_file_atomically(paths[i], texts[i]));
  unfinished.finish();
  return {};
}

}  // namespace loopgate
