// fixtures/kernels/NAME.toml: a candidate kernel: where its image comes from, its command line, its tuning,
// and what must hold on the running system, or the cell is INVALID.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/architecture.h"
#include "base/result.h"

namespace loopgate {

// A package of Debian's archive; a metapackage is followed to its newest image. {architecture} in it is what
// Debian's kernel packages call the board's: arm64, amd64, and armmp for armhf.
struct PackageSource {
  std::string package;
  std::string suite = "trixie";
  std::string version =
      {};  // this one of it, as a run that was measured had; empty: the cache's, or the newest
  std::vector<std::string> load = {};  // modules that are loaded before anything else, with what they need
};

// A .deb file.
struct DebSource {
  std::filesystem::path file;
  std::vector<std::string> load = {};  // likewise
};

// An image file, as a build of one's own makes it.
struct ImageSource {
  std::filesystem::path file;
  std::filesystem::path modules;  // lib/modules/RELEASE; empty: everything needed is built in
  std::vector<std::string> load;  // likewise
};

// Sources that the kernel is built from, when it is needed; what was built of the same is taken from the
// cache.
struct BuildSource {
  std::filesystem::path tree;                    // a kernel's source tree or a tarball of one,
  std::string commit;                            // where the tree is a git work tree: of this commit
  std::vector<std::string> reverted;             // commits that are taken back on top of it
  std::string source_package;                    // or a package of Debian's archive that holds one
  std::string suite = "trixie";                  // the release of that package
  std::string base = "defconfig";                // or "tinyconfig", or the path of a .config
  std::vector<std::filesystem::path> fragments;  // of a .config, laid over the base
  std::vector<std::filesystem::path> patches;    // applied in order, to a copy of the tree
  std::string toolchain = "clang-19";            // or another clang-N, or gcc
  // Those that no Kconfig file of the sources has are left out, and told; else such a kernel is refused.
  bool unknown_options_allowed = false;
  std::vector<std::string> load;             // modules that are loaded before anything else
  std::optional<Architecture> architecture;  // whose options they are; nothing: any board's
};

using KernelSource = std::variant<PackageSource, DebSource, ImageSource, BuildSource>;

struct FileTuning {
  std::string path;
  std::string value;
  std::string reads;  // what reading it back must give; empty: the value
};

struct ThreadTuning {
  std::string name;    // a glob over the thread's name: irq/*-stimulus
  std::string policy;  // fifo, rr or other
  int priority = 0;
  bool required = true;        // at least one thread must match
  bool of_payload = false;     // the thread comes with a payload: required only in suites that have one
  std::vector<int> cpus = {};  // that it keeps to; empty: those that it has
};

struct KernelCheck {
  std::string name;
  std::string file;    // on the target
  std::string config;  // or an option of the kernel's .config
  std::string equals;  // the whole content, without the end of line; for a config option y, m, n or its value
  std::string contains;  // or a part of it
};

struct Kernel {
  std::string name;
  std::string title;
  KernelSource source;
  std::filesystem::path config;  // its .config, where the source brings none and a check asks for one
  std::string arguments;         // added to the board's command line
  bool unknown_arguments_allowed = false;  // that the kernel does not know, or that have no effect
  std::vector<FileTuning> files;
  std::vector<ThreadTuning> threads;
  std::vector<KernelCheck> checks;
  std::string contender;  // of the suite's payload, that it is measured with: run/contenders.h
  std::string sha256;     // of the file
  std::string toml;       // its text
};

// The package's name for a board of this architecture.
std::string package_for(const PackageSource& source, Architecture architecture);

// The modules of it that are loaded first: none of a package or a .deb.
std::vector<std::string> modules_to_load(const KernelSource& source);

// Relative paths in it are relative to the file.
Result<Kernel> read_kernel(const std::filesystem::path& path);
// Of the text that stands at `path`. A usage error names the key.
Result<Kernel> parse_kernel(std::string text, const std::filesystem::path& path);

}  // namespace loopgate
