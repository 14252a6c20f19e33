#include "config/kernel_toml.h"

#include <toml++/toml.h>

#include <sstream>

#include "base/overloaded.h"

namespace loopgate {
namespace {

std::string absolute_text(const std::filesystem::path& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

toml::array texts_array(const std::vector<std::string>& texts) {
  toml::array array;
  for (const std::string& text : texts) array.push_back(text);
  return array;
}

toml::array numbers_array(const std::vector<int>& numbers) {
  toml::array array;
  for (const int number : numbers) array.push_back(number);
  return array;
}

toml::array paths_array(const std::vector<std::filesystem::path>& paths) {
  toml::array array;
  for (const auto& path : paths) array.push_back(absolute_text(path));
  return array;
}

toml::table table_of(const BuildSource& build) {
  toml::table table;
  if (build.tree.empty()) {
    table.insert("source_package", build.source_package);
    table.insert("suite", build.suite);
  } else {
    table.insert("tree", absolute_text(build.tree));
    if (!build.commit.empty()) table.insert("commit", build.commit);
    if (!build.reverted.empty()) table.insert("reverted", texts_array(build.reverted));
  }
  const bool named = build.base == "defconfig" || build.base == "tinyconfig";
  table.insert("base", named ? build.base : absolute_text(build.base));
  if (!build.fragments.empty()) table.insert("fragments", paths_array(build.fragments));
  if (!build.patches.empty()) table.insert("patches", paths_array(build.patches));
  if (build.unknown_options_allowed) table.insert("unknown_options", "allowed");
  table.insert("toolchain", build.toolchain);
  if (build.architecture) table.insert("architecture", name_of(*build.architecture));
  if (!build.load.empty()) table.insert("load", texts_array(build.load));
  return table;
}

toml::table with_load(toml::table table, const std::vector<std::string>& load) {
  if (!load.empty()) table.insert("load", texts_array(load));
  return table;
}

toml::table table_of(const ImageSource& image) {
  toml::table table{{"image", absolute_text(image.file)}};
  if (!image.load.empty()) table.insert("modules", absolute_text(image.modules));
  return with_load(std::move(table), image.load);
}

toml::table table_of(const KernelSource& source) {
  return std::visit(Overloaded{[](const PackageSource& package) {
                                 return with_load(
                                     toml::table{{"package", package.package}, {"suite", package.suite}},
                                     package.load);
                               },
                               [](const DebSource& deb) {
                                 return with_load(toml::table{{"deb", absolute_text(deb.file)}}, deb.load);
                               },
                               [](const ImageSource& image) { return table_of(image); },
                               [](const BuildSource& build) { return table_of(build); }},
                    source);
}

toml::table table_of(const FileTuning& file) {
  toml::table table{{"path", file.path}, {"value", file.value}};
  if (!file.reads.empty()) table.insert("reads", file.reads);
  return table;
}

toml::table table_of(const ThreadTuning& thread) {
  toml::table table{{"name", thread.name}, {"policy", thread.policy}};
  if (thread.priority != 0) table.insert("priority", thread.priority);
  if (!thread.required) table.insert("required", false);
  if (thread.of_payload) table.insert("of_payload", true);
  if (!thread.cpus.empty()) table.insert("cpus", numbers_array(thread.cpus));
  return table;
}

toml::table table_of(const KernelCheck& check) {
  toml::table table{{"name", check.name}};
  if (!check.file.empty()) table.insert("file", check.file);
  if (!check.config.empty()) table.insert("config", check.config);
  // One of the two stands there, and may be empty.
  if (!check.contains.empty()) {
    table.insert("contains", check.contains);
  } else {
    table.insert("equals", check.equals);
  }
  return table;
}

template <class T>
toml::array tables_of(const std::vector<T>& items) {
  toml::array array;
  for (const T& item : items) array.push_back(table_of(item));
  return array;
}

}  // namespace

std::string to_toml(const Kernel& kernel) {
  toml::table source = table_of(kernel.source);
  if (!kernel.config.empty()) source.insert("config", absolute_text(kernel.config));
  toml::table root{{"title", kernel.title}, {"source", std::move(source)}};
  if (!kernel.arguments.empty()) root.insert("arguments", kernel.arguments);
  if (kernel.unknown_arguments_allowed) root.insert("unknown_arguments", "allowed");
  toml::table tuning;
  if (!kernel.files.empty()) tuning.insert("file", tables_of(kernel.files));
  if (!kernel.threads.empty()) tuning.insert("thread", tables_of(kernel.threads));
  if (!tuning.empty()) root.insert("tuning", std::move(tuning));
  if (!kernel.checks.empty()) root.insert("check", tables_of(kernel.checks));
  std::ostringstream text;
  text << root << "\n";
  return text.str();
}

}  // namespace loopgate
