#include "kernel/kernel_source.h"

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

// Visits a source with two calls: one for an image of the user's own, one for what is fetched by a command.
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
      return of_command(fetch_command(root, package, architecture));
    }
    auto operator()(const DebSource& deb) const { return of_command(fetch_command(root, deb, architecture)); }
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
  const auto fetched = [&](const std::vector<std::string>& command) -> Result<KernelFiles> {
    TRY(answer, run_fixture_script(command, notify));
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
  const auto fetched = [&](std::vector<std::string> command) -> Result<fs::path> {
    command.emplace_back("--modules");
    TRY(answer, run_fixture_script(command, notify));
    return fs::path(text_in(answer, "modules"));
  };
  return for_source(kernel.source, root, architecture, own, fetched);
}

}  // namespace loopgate
