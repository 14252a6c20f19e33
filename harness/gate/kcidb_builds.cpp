#include "gate/kcidb_builds.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "base/architecture.h"
#include "gate/verdict.h"

namespace loopgate {
namespace {

using Json = nlohmann::ordered_json;

bool is_built_here(const KernelInput& kernel) { return !kernel.built_from.tree_sha256.empty(); }

// Nothing where nobody told us what it is of.
std::optional<std::string> source_of(const KernelInput& kernel) {
  if (is_built_here(kernel)) return "tree-" + kernel.built_from.tree_sha256;
  if (kernel.package.empty() || kernel.version.empty()) return std::nullopt;
  return printable(fmt::format("debian-{}_{}", kernel.package, kernel.version));
}

// By the flavour, as its packages and their kernels end: "6.12.48+deb13-rt-arm64".
std::optional<Architecture> architecture_in(const std::string& name) {
  const auto is_between_words = [](char c) { return c == '-' || c == '+'; };
  for (auto begin = name.begin(); begin != name.end();) {
    const auto end = std::find_if(begin, name.end(), is_between_words);
    if (const auto found = architecture_of_package(std::string(begin, end))) return found;
    begin = end == name.end() ? end : end + 1;
  }
  return std::nullopt;
}

// "clang-19: Debian clang version 19.1.7": what it calls itself is the latter.
std::string compiler_of(const BuiltFrom& built) {
  if (built.toolchain.empty()) return {};
  const std::string& first = built.toolchain.front();
  const std::size_t colon = first.find(": ");
  return printable(colon == std::string::npos ? first : first.substr(colon + 2));
}

void put(const char* key, const std::string& value, Json* object) {
  if (!value.empty()) (*object)[key] = printable(value);
}

Json misc_of_source(const KernelInput& kernel) {
  Json misc = Json::object();
  put("package", kernel.package, &misc);
  put("version", kernel.version, &misc);
  put("tree_sha256", kernel.built_from.tree_sha256, &misc);
  return misc;
}

Json checkout_of(const KernelInput& kernel, const std::string& id, const std::string& origin) {
  Json checkout = {{"id", id}, {"origin", origin}};
  checkout["comment"] = is_built_here(kernel)
                            ? fmt::format("a tree of {}, whose content has the SHA-256 {}",
                                          kernel.version.empty() ? "Linux" : printable(kernel.version),
                                          printable(kernel.built_from.tree_sha256))
                            : printable(fmt::format("Debian's {} {}", kernel.package, kernel.version));
  checkout["valid"] = true;
  checkout["misc"] = misc_of_source(kernel);
  return checkout;
}

Json build_of(const KernelInput& kernel, const std::string& id, const std::string& checkout_id,
              const std::string& origin) {
  Json build = {{"id", id}, {"checkout_id", checkout_id}, {"origin", origin}};
  put("comment", kernel.release.empty() ? kernel.version : kernel.release, &build);
  auto architecture = architecture_in(kernel.release);
  if (!architecture) architecture = architecture_in(kernel.package);
  if (architecture) build["architecture"] = name_of(*architecture);
  put("compiler", compiler_of(kernel.built_from), &build);
  if (is_built_here(kernel))
    build["status"] = "PASS";  // there is an image of it; of Debian's we saw no build
  Json misc = misc_of_source(kernel);
  put("release", kernel.release, &misc);
  put("image_sha256", kernel.image_sha256, &misc);
  put("config_sha256", kernel.built_from.config_sha256, &misc);
  for (const std::string& each : kernel.built_from.toolchain) misc["toolchain"].push_back(printable(each));
  build["misc"] = std::move(misc);
  return build;
}

}  // namespace

std::string kcidb_build_id(const RunRecord& run, const std::string& kernel, const std::string& origin) {
  const auto found = std::ranges::find(run.kernels, kernel, &KernelInput::name);
  const bool is_known = found != run.kernels.end() && !found->image_sha256.empty();
  return origin + ":" + (is_known ? found->image_sha256 : "kernel-" + printable(kernel));
}

KcidbBuilds kcidb_builds(const RunRecord& run, const std::string& origin) {
  KcidbBuilds all;
  std::set<std::string> there;  // several kernels of a run may be one image, or of one source
  for (const KernelInput& kernel : run.kernels) {
    const auto source = source_of(kernel);
    if (!source || kernel.image_sha256.empty()) continue;
    const std::string checkout_id = origin + ":" + *source;
    const std::string build_id = kcidb_build_id(run, kernel.name, origin);
    if (there.insert("checkout " + checkout_id).second)
      all.checkouts.push_back(checkout_of(kernel, checkout_id, origin));
    if (there.insert("build " + build_id).second)
      all.builds.push_back(build_of(kernel, build_id, checkout_id, origin));
  }
  return all;
}

}  // namespace loopgate
