#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/one_of.h"
#include "cli/own_files.h"
#include "config/catalog.h"
#include "config/own_folders.h"
#include "kernel/built_kernel.h"

namespace loopgate {
namespace {

struct KernelBuildCommand {
  std::vector<std::string> kernels;
  std::vector<std::string> own_folders;
  std::string architecture = "arm64";
  bool modules = false;
  bool json = false;
};

std::string build_text(const std::string& name, const BuiltKernel& built) {
  std::string text =
      fmt::format("kernel {}: {}Linux {}, built in {:.1f} s\n", name,
                  built.from_cache ? "kept from an earlier build: " : "", built.release, built.build_s);
  const auto add = [&](const char* what, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<14} {}\n", what, value);
  };
  add("image", built.image.string());
  add("image sha256", built.image_sha256);
  add("config", built.config.string());
  add("config sha256", built.config_sha256);
  add("vmlinux", built.vmlinux.string());
  add("modules", built.modules.string());
  add("sources", built.package.empty() ? std::string() : built.package + " " + built.version);
  add("tree sha256", built.tree_sha256);
  for (const std::string& each : built.toolchain) add("toolchain", each);
  for (const std::string& each : built.unknown_options)
    add("left out", each + ": no Kconfig file of the sources has such an option");
  return text;
}

nlohmann::ordered_json or_null(const std::string& text) {
  return text.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(text);
}

nlohmann::ordered_json build_json(const std::string& name, const BuiltKernel& built) {
  return {{"kernel", name},
          {"image", built.image.string()},
          {"image_sha256", built.image_sha256},
          {"config", built.config.string()},
          {"config_sha256", built.config_sha256},
          {"vmlinux", built.vmlinux.string()},
          {"modules", or_null(built.modules.string())},
          {"release", built.release},
          {"package", or_null(built.package)},
          {"version", or_null(built.version)},
          {"tree_sha256", built.tree_sha256},
          {"toolchain", built.toolchain},
          {"unknown_options", built.unknown_options},
          {"build_s", built.build_s},
          {"from_cache", built.from_cache}};
}

Result<BuildSource> source_to_build(const Kernel& kernel) {
  if (const auto* source = std::get_if<BuildSource>(&kernel.source)) return *source;
  return fail(ErrorKind::usage, fmt::format("kernel {}: is not built from source", kernel.name),
              "name a kernel whose [source] has tree or source_package: fixtures/kernels/README.md");
}

Result<std::vector<Kernel>> kernels_of(const KernelBuildCommand& command, const Catalog& catalog) {
  TRY(own, OwnFolders::find(command.own_folders));
  std::vector<Kernel> kernels;
  for (const std::string& name : command.kernels) {
    TRY(place, own.path_or_name(Choice::kernel, name, catalog.kernels()));
    TRY(kernel, catalog.kernel(place));
    TRY_STATUS(source_to_build(kernel));
    kernels.push_back(std::move(kernel));
  }
  return kernels;
}

// What was built before one fails is answered all the same.
int answer_with(const KernelBuildCommand& command, const nlohmann::ordered_json& all, int exit_status,
                Answer* answer) {
  if (command.json) answer->print("{}\n", all.dump(1, ' ', false, nlohmann::json::error_handler_t::replace));
  return exit_status;
}

Result<int> build(const KernelBuildCommand& command, Answer* answer) {
  TRY(catalog, Catalog::find());
  TRY(kernels, kernels_of(command, catalog));
  auto all = nlohmann::ordered_json::array();
  for (const Kernel& kernel : kernels) {
    TRY(source, source_to_build(kernel));
    show_progress(fmt::format("kernel {}", kernel.name));
    const auto built = build_kernel(source, *architecture_named(command.architecture),
                                    command.modules || !source.load.empty(), Building::when_needed,
                                    catalog.root(), show_progress);
    if (!built) {
      Error error = built.error();
      error.what = fmt::format("kernel {}: {}", kernel.name, error.what);
      return answer_with(command, all, report_error(error), answer);
    }
    if (!command.json) answer->print("{}", build_text(kernel.name, *built));
    all.push_back(build_json(kernel.name, *built));
  }
  return answer_with(command, all, exit_pass, answer);
}

void add_kernel_build(CLI::App* kernel, CommandEnd* end) {
  auto command = std::make_shared<KernelBuildCommand>();
  CLI::App* sub =
      kernel->add_subcommand("build", "builds kernels from source, or finds what was built of the same");
  sub->footer(
      "A run does it by itself, when a kernel is not built yet. Exit status: 2 where sources, options or\n"
      "patches are wrong, 3 where this machine lacks something.\n"
      "Example: loopgate kernel build trimmed-rt ~/kernels/mine.toml");
  sub->add_option("kernels", command->kernels,
                  "kernel files, or names of fixtures/kernels/, whose [source] has tree or source_package")
      ->required();
  sub->add_option("--arch", command->architecture, "what they are built for")
      ->check(one_of({"arm64", "amd64"}))
      ->capture_default_str();
  sub->add_flag("--modules", command->modules, "build the modules, too");
  sub->add_flag("--json", command->json, "answer with a JSON array, an object a kernel");
  add_path_option(sub, &command->own_folders);
  sub->callback([command, end] {
    auto status = build(*command, &end->answer);
    end->exit_status = status ? *status : report_error(status.error());
  });
}

}  // namespace

void add_kernel(CLI::App* app, CommandEnd* end) {
  CLI::App* sub = app->add_subcommand("kernel", "build kernels from source");
  sub->require_subcommand(1);
  add_kernel_build(sub, end);
}

}  // namespace loopgate
