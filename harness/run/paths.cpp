#include "run/paths.h"

#include <cstdlib>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr const char* plugin = "libloopgate_instrument.so";

// Beside the program, or where it was installed to from there (harness/install.cmake).
fs::path build_folder() {
  if (const char* folder = std::getenv("LOOPGATE_BUILD"); folder != nullptr && *folder != '\0') return folder;
  std::error_code ignored;
  const fs::path beside = fs::read_symlink("/proc/self/exe", ignored).parent_path();
  const fs::path installed = beside / ".." / "lib" / "loopgate";
  if (!fs::exists(beside / plugin, ignored) && fs::exists(installed / plugin, ignored))
    return installed.lexically_normal();
  return beside;
}

}  // namespace

fs::path instrument_plugin() { return build_folder() / plugin; }

fs::path target_programs(Architecture architecture) {
  return build_folder() / facts_of(architecture).programs_folder / "programs.cpio";
}

fs::path audit_rules_of(const fs::path& root) { return root / "fixtures" / "audit" / "rules.toml"; }

}  // namespace loopgate
