#include "kernel/kernel_source.h"

#include <fmt/format.h>

#include "kernel/fixture_script.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// The script takes both, and gives the same answer for both.
std::vector<std::string> fetch_command(const fs::path& root, const PackageSource& source,
                                       Architecture architecture) {
  std::vector<std::string> command = {(root / "fixtures" / "kernels" / "fetch").string(),
                                      "--package",
                                      package_for(source, architecture),
                                      "--suite",
                                      source.suite,
                                      "--arch",
                                      name_of(architecture)};
  if (!source.version.empty()) command.insert(command.end(), {"--version", source.version});
  return command;
}

std::vector<std::string> fetch_command(const fs::path& root, const DebSource& source,
                                       Architecture architecture) {
  return {(root / "fixtures" / "kernels" / "fetch").string(), "--deb", source.file.string(), "--arch",
          name_of(architecture)};
}

// Visits a source with three calls: one for an image of the user's own, one for what a command fetches, one
// for what is built.
template <class OfImage, class OfCommand, class OfBuild>
auto for_source(const KernelSource& source, const fs::path& root, Architecture architecture,
                const OfImage& of_image, const OfCommand& of_command, const OfBuild& of_build) {
  struct Visitor {
    const fs::path& root;
    Architecture architecture;
    const OfImage& of_image;
    const OfCommand& of_command;
    const OfBuild& of_build;
    auto operator()(const ImageSource& image) const { return of_image(image); }
    auto operator()(const PackageSource& package) const {
      return of_command(fetch_command(root, package, architecture));
    }
    auto operator()(const DebSource& deb) const { return of_command(fetch_command(root, deb, architecture)); }
    auto operator()(const BuildSource& build) const { return of_build(build); }
  };
  return std::visit(Visitor{root, architecture, of_image, of_command, of_build}, source);
}

KernelFiles files_of(const BuiltKernel& built) {
  KernelFiles files;
  files.is_built = built.is_built;
  files.image = built.image;
  files.config = built.config;
  files.vmlinux = built.vmlinux;
  files.types = built.types;
  files.release = built.release;
  files.provenance = {built.package, built.version};
  files.build = {built.tree_sha256, built.config_sha256, built.toolchain, built.unknown_options};
  return files;
}

}  // namespace

bool needs_modules(const BuildSource& source, const Board& board) {
  return !source.load.empty() || (!board.is_virtual() && !board.ssh().modules.empty());
}

Result<KernelFiles> find_kernel(const Kernel& kernel, const Board& board, Building building,
                                const fs::path& root, const Notify& notify) {
  const auto own = [&](const ImageSource& source) -> Result<KernelFiles> {
    KernelFiles files;
    files.image = source.file;
    files.config = kernel.config;
    return files;
  };
  const auto fetched = [&](const std::vector<std::string>& command) -> Result<KernelFiles> {
    TRY(answer, run_fixture_script(command, notify));
    KernelFiles files;
    files.image = text_in(answer, "image");
    files.config = kernel.config.empty() ? fs::path(text_in(answer, "config")) : kernel.config;
    files.release = text_in(answer, "release");
    files.provenance = {text_in(answer, "package"), text_in(answer, "version")};
    return files;
  };
  const auto built = [&](const BuildSource& source) -> Result<KernelFiles> {
    auto made =
        build_kernel(source, board.architecture, needs_modules(source, board), building, root, notify);
    if (made) return files_of(*made);
    return fail(made.error().kind, fmt::format("kernel {}: {}", kernel.name, made.error().what),
                made.error().next_step);
  };
  return for_source(kernel.source, root, board.architecture, own, fetched, built);
}

Result<fs::path> find_modules(const Kernel& kernel, Architecture architecture, const fs::path& root,
                              const Notify& notify) {
  const auto own = [](const ImageSource& source) -> Result<fs::path> { return source.modules; };
  const auto fetched = [&](std::vector<std::string> command) -> Result<fs::path> {
    command.emplace_back("--modules");
    TRY(answer, run_fixture_script(command, notify));
    return fs::path(text_in(answer, "modules"));
  };
  const auto built = [&](const BuildSource& source) -> Result<fs::path> {
    TRY(made, build_kernel(source, architecture, true, Building::when_needed, root, notify));
    return made.modules;
  };
  return for_source(kernel.source, root, architecture, own, fetched, built);
}

}  // namespace loopgate
