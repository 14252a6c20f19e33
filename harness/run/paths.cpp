#include "run/paths.h"

#include <cstdlib>

namespace loopgate {
namespace {

namespace fs = std::filesystem;

fs::path build_folder() {
  if (const char* folder = std::getenv("LOOPGATE_BUILD"); folder != nullptr && *folder != '\0') return folder;
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

}  // namespace

fs::path instrument_plugin() { return build_folder() / "libloopgate_instrument.so"; }

fs::path target_programs(Architecture architecture) {
  return build_folder() / facts_of(architecture).programs_folder / "programs.cpio";
}

fs::path audit_rules_of(const fs::path& root) { return root / "fixtures" / "audit" / "rules.toml"; }

}  // namespace loopgate
