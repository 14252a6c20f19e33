#include "gate/verdict_files.h"

#include <array>

#include "base/file.h"
#include "gate/junit.h"
#include "gate/verdict_markdown.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 3> verdict_files = {"verdict.json", "junit.xml", "verdict.md"};

}  // namespace

void remove_verdict(const fs::path& folder) {
  for (const char* name : verdict_files) {
    std::error_code ignored;
    fs::remove(folder / name, ignored);
  }
}

Status write_verdict(const fs::path& folder, const Verdict& verdict, const Comparison& comparison) {
  const std::array<std::string, verdict_files.size()> texts = {
      to_json(verdict), to_junit(verdict, comparison), to_markdown(verdict, comparison)};
  for (std::size_t i = 0; i < verdict_files.size(); ++i)
    TRY_STATUS(write_file_atomically(folder / verdict_files[i], texts[i]));
  return {};
}

}  // namespace loopgate
