#include "kernel/module_archive.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/digest.h"
#include "base/file.h"
#include "base/process.h"
#include "kernel/fixture_script.h"
#include "kernel/kernel_source.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

void add_loads(const std::vector<std::string>& modules, std::vector<std::string>* argv) {
  for (const std::string& module : modules) argv->insert(argv->end(), {"--load", module});
}

}  // namespace

Result<fs::path> pack_modules(const Kernel& kernel, Architecture architecture, const fs::path& root,
                              const Notify& notify) {
  const std::vector<std::string> load = modules_to_load(kernel.source);
  if (load.empty()) return fs::path();
  TRY(modules, find_modules(kernel, architecture, root, notify));
  std::vector<std::string> argv = {(root / "fixtures" / "kernels" / "modules").string(), "--from",
                                   modules.string()};
  add_loads(load, &argv);
  TRY(packed, run_fixture_script(argv, notify));
  const fs::path archive = text_in(packed, "archive");
  const auto digest = sha256_of_file(archive);
  if (digest && *digest == text_in(packed, "sha256")) return archive;
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: the archive of modules is damaged", archive.string()),
              "remove it: it is made again");
}

Result<fs::path> make_initramfs(const Kernel& kernel, const Board& board, const fs::path& root,
                                const Notify& notify) {
  std::vector<std::string> load = board.ssh().modules;
  const std::vector<std::string> own = modules_to_load(kernel.source);
  load.insert(load.end(), own.begin(), own.end());
  std::vector<std::string> argv = {(root / "fixtures" / "disk" / "initramfs").string(), "--arch",
                                   name_of(board.architecture)};
  if (!load.empty()) {
    TRY(modules, find_modules(kernel, board.architecture, root, notify));
    if (modules.empty())
      return fail(ErrorKind::usage,
                  fmt::format("kernel {}: board {} needs modules loaded ({}), and the image comes with none",
                              kernel.name, board.name, fmt::join(load, ", ")),
                  "name its lib/modules/RELEASE with modules = \"…\" under [source]");
    argv.insert(argv.end(), {"--modules", modules.string()});
    add_loads(load, &argv);
  }
  const fs::path folder = cache_directory() / "initramfs";
  TRY_STATUS(make_directories(folder));
  const fs::path file = folder / (sha256_of(quoted(argv)).substr(0, 16) + ".gz");
  argv.insert(argv.end(), {"--out", file.string()});
  TRY(made, run_fixture_script(argv, notify));
  TRY(digest, sha256_of_file(file));
  if (digest == text_in(made, "sha256")) return file;
  return fail(ErrorKind::infrastructure, fmt::format("{}: is not what was made there", file.string()),
              "does another program write into the cache? run it again");
}

}  // namespace loopgate
