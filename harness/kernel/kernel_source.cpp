#include "kernel/kernel_source.h"

#include "kernel/fixture_script.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// A distribution's configuration on two cores; others may build the same before.
constexpr std::chrono::hours build_limit{8};

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

std::vector<std::string> build_command(const fs::path& root, const BuildSource& source,
                                       Architecture architecture) {
  std::vector<std::string> command = {(root / "fixtures" / "kernels" / "build").string()};
  const auto add = [&](const char* option, const std::string& value) {
    command.insert(command.end(), {option, value});
  };
  if (source.tree.empty()) {
    add("--source-package", source.source_package);
    add("--suite", source.suite);
  } else {
    add("--tree", source.tree.string());
  }
  add("--arch", name_of(architecture));
  add("--base", source.base);
  for (const fs::path& fragment : source.fragments) add("--fragment", fragment.string());
  for (const fs::path& patch : source.patches) add("--patch", patch.string());
  add("--toolchain", source.toolchain);
  return command;
}

// Visits a source with two calls: one for an image of the user's own, one for what a command fetches or
// builds.
template <class OfImage, class OfCommand>
auto for_source(const KernelSource& source, const fs::path& root, Architecture architecture,
                const OfImage& of_image, const OfCommand& of_command) {
  struct Visitor {
    const fs::path& root;
    Architecture architecture;
    const OfImage& of_image;
    const OfCommand& of_command;
    auto operator()(const ImageSource& image) const { return of_image(image); }
    auto operator()(const PackageSource& package) const {
      return of_command(fetch_command(root, package, architecture), fetch_limit);
    }
    auto operator()(const DebSource& deb) const {
      return of_command(fetch_command(root, deb, architecture), fetch_limit);
    }
    auto operator()(const BuildSource& build) const {
      return of_command(build_command(root, build, architecture), build_limit);
    }
  };
  return std::visit(Visitor{root, architecture, of_image, of_command}, source);
}

}  // namespace

Result<KernelFiles> find_kernel(const Kernel& kernel, Architecture architecture, const fs::path& root,
                                const Notify& notify) {
  const auto own = [&](const ImageSource& source) -> Result<KernelFiles> {
    KernelFiles files;
    files.image = source.file;
    files.config = kernel.config;
    return files;
  };
  const auto fetched = [&](const std::vector<std::string>& command,
                           std::chrono::seconds limit) -> Result<KernelFiles> {
    TRY(answer, run_fixture_script(command, notify, limit));
    KernelFiles files;
    files.image = text_in(answer, "image");
    files.config = kernel.config.empty() ? fs::path(text_in(answer, "config")) : kernel.config;
    files.release = text_in(answer, "release");
    files.provenance = {text_in(answer, "package"), text_in(answer, "version")};
    return files;
  };
  return for_source(kernel.source, root, architecture, own, fetched);
}

Result<fs::path> find_modules(const Kernel& kernel, Architecture architecture, const fs::path& root,
                              const Notify& notify) {
  const auto own = [](const ImageSource& source) -> Result<fs::path> { return source.modules; };
  const auto fetched = [&](std::vector<std::string> command, std::chrono::seconds limit) -> Result<fs::path> {
    command.emplace_back("--modules");
    TRY(answer, run_fixture_script(command, notify, limit));
    return fs::path(text_in(answer, "modules"));
  };
  return for_source(kernel.source, root, architecture, own, fetched);
}

}  // namespace loopgate
