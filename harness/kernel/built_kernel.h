// A kernel that is built from source: what fixtures/kernels/build made of it, or has kept. Whatever needs a
// kernel of some configuration asks here.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/architecture.h"
#include "base/notify.h"
#include "base/result.h"
#include "config/kernel.h"

namespace loopgate {

enum class Building { when_needed, never };

struct BuiltKernel {
  bool is_built = true;     // else `image` says where it will be, and the rest that needs a build is empty
  bool from_cache = false;  // it was built before
  std::filesystem::path image;
  std::filesystem::path config;
  std::filesystem::path vmlinux;
  std::filesystem::path types;    // BTF of what it is explained by; empty where pahole was not there
  std::filesystem::path modules;  // lib/modules/RELEASE; empty where they were not asked for
  std::string image_sha256;
  std::string config_sha256;
  std::string tree_sha256;  // of the source tree's content, patches applied
  std::string release;      // uname -r
  std::string package;      // of Debian's archive, that the sources are from; empty for a tree of one's own
  std::string version;
  std::vector<std::string> toolchain;        // compiler, linker and pahole: what each calls itself
  std::vector<std::string> unknown_options;  // asked for, and not in the sources: NAME=VALUE
  double build_s = 0;                        // host seconds that the build took
};

// A usage error for what is wrong with sources, options, patches or code; an infrastructure error for what
// this machine lacks. Takes minutes to hours when it builds; `notify` gets a line every few seconds.
Result<BuiltKernel> build_kernel(const BuildSource& source, Architecture architecture, bool with_modules,
                                 Building building, const std::filesystem::path& root, const Notify& notify);

// What Kconfig made of the options of a kernel's fragments, by their names.
struct ConfiguredOptions {
  std::vector<std::string> lost;            // that have another value than was asked for
  std::vector<std::string> without_prompt;  // that nobody can ask for: others select them
};

// Configures it and builds nothing. Takes seconds. Errors as above.
Result<ConfiguredOptions> configure_kernel(const BuildSource& source, Architecture architecture,
                                           bool with_modules, const std::filesystem::path& root,
                                           const Notify& notify);

}  // namespace loopgate
