#include "kernel/built_kernel.h"

#include "kernel/fixture_script.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// A distribution's configuration on two cores; others may build the same before.
constexpr std::chrono::hours build_limit{8};

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
    if (!source.commit.empty()) add("--commit", source.commit);
    for (const std::string& commit : source.reverted) add("--revert", commit);
  }
  add("--arch", name_of(architecture));
  add("--base", source.base);
  for (const fs::path& fragment : source.fragments) add("--fragment", fragment.string());
  for (const fs::path& patch : source.patches) add("--patch", patch.string());
  add("--toolchain", source.toolchain);
  if (source.unknown_options_allowed) command.emplace_back("--unknown-options-allowed");
  return command;
}

bool is_true(const nlohmann::json& answer, const char* key) {
  const auto found = answer.find(key);
  return found != answer.end() && found->is_boolean() && found->get<bool>();
}

std::vector<std::string> texts_in(const nlohmann::json& answer, const char* key) {
  std::vector<std::string> texts;
  const auto found = answer.find(key);
  if (found == answer.end() || !found->is_array()) return texts;
  for (const auto& each : *found)
    if (each.is_string()) texts.push_back(each.get<std::string>());
  return texts;
}

BuiltKernel kernel_of(const nlohmann::json& answer) {
  BuiltKernel built;
  built.is_built = is_true(answer, "is_built");
  built.from_cache = is_true(answer, "from_cache");
  built.image = text_in(answer, "image");
  built.config = text_in(answer, "config");
  built.vmlinux = text_in(answer, "vmlinux");
  built.types = text_in(answer, "types");
  built.modules = text_in(answer, "modules");
  built.image_sha256 = text_in(answer, "image_sha256");
  built.config_sha256 = text_in(answer, "config_sha256");
  built.tree_sha256 = text_in(answer, "tree_sha256");
  built.release = text_in(answer, "release");
  built.package = text_in(answer, "package");
  built.version = text_in(answer, "version");
  built.toolchain = texts_in(answer, "toolchain");
  built.unknown_options = texts_in(answer, "unknown_options");
  if (const auto seconds = answer.find("build_s"); seconds != answer.end() && seconds->is_number())
    built.build_s = seconds->get<double>();
  return built;
}

}  // namespace

Result<BuiltKernel> build_kernel(const BuildSource& source, Architecture architecture, bool with_modules,
                                 Building building, const fs::path& root, const Notify& notify) {
  std::vector<std::string> command = build_command(root, source, architecture);
  if (with_modules) command.emplace_back("--modules");
  if (building == Building::never) command.emplace_back("--if-built");
  TRY(answer, run_fixture_script(command, notify, build_limit));
  BuiltKernel built = kernel_of(answer);
  if (!built.image.empty() && (built.is_built || building == Building::never)) return built;
  return fail(ErrorKind::infrastructure, command.front() + " says of no image that it was built",
              "take scripts and loopgate of one version");
}

Result<ConfiguredOptions> configure_kernel(const BuildSource& source, Architecture architecture,
                                           bool with_modules, const fs::path& root, const Notify& notify) {
  std::vector<std::string> command = build_command(root, source, architecture);
  if (with_modules) command.emplace_back("--modules");
  command.emplace_back("--configure-only");
  TRY(answer, run_fixture_script(command, notify, build_limit));
  const auto lost = answer.find("lost");
  if (lost == answer.end() || !lost->is_object())
    return fail(ErrorKind::infrastructure, command.front() + " does not say which options were lost",
                "take scripts and loopgate of one version");
  ConfiguredOptions options;
  for (const auto& [name, value] : lost->items()) options.lost.push_back(name);
  options.without_prompt = texts_in(answer, "without_prompt");
  return options;
}

}  // namespace loopgate
