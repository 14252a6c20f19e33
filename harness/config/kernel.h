// fixtures/kernels/NAME.toml: a candidate kernel: where its image comes from, its command line, its tuning,
// and what must hold on the running system, or the cell is INVALID.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

// Exactly one of package, deb and image is set. Relative paths are relative to the kernel's file.
struct KernelSource {
  // A Debian package; a metapackage is followed to its newest image. {architecture} in it is the board's.
  std::string package;
  std::string suite = "trixie";   // of that package
  std::filesystem::path deb;      // a .deb of the user's own
  std::filesystem::path image;    // an image file of the user's own
  std::filesystem::path config;   // its .config, where checks ask for one
  std::filesystem::path modules;  // of an image: lib/modules/RELEASE
  std::vector<std::string> load;  // modules of it that are loaded before anything else, with what they need
};

struct FileTuning {
  std::string path;
  std::string value;
  std::string reads;  // what reading it back must give; empty: the value
};

struct ThreadTuning {
  std::string name;    // a glob over the thread's name: irq/*-stimulus
  std::string policy;  // fifo, rr or other
  int priority = 0;
  bool required = true;  // at least one thread must match
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
  std::string arguments;  // added to the board's command line
  std::vector<FileTuning> files;
  std::vector<ThreadTuning> threads;
  std::vector<KernelCheck> checks;
  std::string sha256;  // of the file
  std::string toml;    // its text
};

// The package's name for a board of Debian's `architecture`; empty when the source is no package.
std::string package_for(const KernelSource& source, const std::string& architecture);

Result<Kernel> read_kernel(const std::filesystem::path& path);

}  // namespace loopgate
