#include "gate/verdict_files.h"

#include <system_error>
#include <utility>

#include "base/file.h"
#include "gate/junit.h"
#include "gate/verdict_markdown.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// A part of a verdict would be taken for the whole: it goes, also where an exception ends the writing. Takes
// no memory then.
class Unfinished {
 public:
  explicit Unfinished(std::vector<fs::path> paths) : paths_(std::move(paths)) {}
  ~Unfinished() {
    std::error_code ignored;
    for (const fs::path& path : paths_) fs::remove(path, ignored);
  }
  Unfinished(const Unfinished&) = delete;
  Unfinished& operator=(const Unfinished&) = delete;
  void finish() { paths_.clear(); }

 private:
  std::vector<fs::path> paths_;
};

// What is to go where the writing ends early: no device, and of a link what it leads to.
std::vector<fs::path> removable(const std::vector<FileText>& files) {
  std::vector<fs::path> paths;
  for (const FileText& file : files) {
    std::error_code failed;
    const fs::path place = fs::weakly_canonical(file.path, failed);
    if (failed || own_stream(place)) continue;
    if (!fs::exists(place, failed) || fs::is_regular_file(place, failed)) paths.push_back(place);
  }
  return paths;
}

}  // namespace

Status write_verdict(const fs::path& folder, const Verdict& verdict, const Comparison& comparison,
                     std::vector<FileText> exports) {
  std::vector<FileText> files = std::move(exports);
  files.push_back({folder / "verdict.json", to_json(verdict)});
  files.push_back({folder / "junit.xml", to_junit(verdict, comparison)});
  files.push_back({folder / "verdict.md", to_markdown(verdict, comparison)});
  Unfinished unfinished(removable(files));
  for (const FileText& file : files) TRY_STATUS(write_file_atomically(file.path, file.text));
  unfinished.finish();
  return {};
}

}  // namespace loopgate
