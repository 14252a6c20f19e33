#include "kernel/target_image.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/digest_cache.h"
#include "base/file.h"
#include "base/json.h"
#include "base/kept_file.h"
#include "base/sealed_json.h"
#include "kernel/fixture_script.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

struct Part {
  fs::path file;
  std::string sha256;
};

Result<std::string> content_of(const Part& part) {
  TRY(bytes, read_file(part.file));
  if (sha256_of(bytes) == part.sha256) return bytes;
  return fail(ErrorKind::infrastructure, fmt::format("{}: was changed just now", part.file.string()),
              "does another program build or write there? run it again");
}

// One file of two archives, since the kernel unpacks them one after the other. In the cache, named by its
// parts.
Status join(const Part& first, const Part& second, const Notify& notify, TargetImage* target) {
  target->initrd =
      cache_directory() / "initrd" / (sha256_of(first.sha256 + second.sha256).substr(0, 16) + ".cpio");
  target->initrd_sha256 = sha256_of_kept(target->initrd, notify);
  if (!target->initrd_sha256.empty()) return {};
  TRY(begin, content_of(first));
  TRY(end, content_of(second));
  TRY(digest, keep_file(target->initrd, begin + end));
  target->initrd_sha256 = std::move(digest);
  return {};
}

// The build records what it made (harness/target/build); programs that were built by hand have no record.
Status check_programs(const fs::path& programs, const std::string& sha256, Architecture architecture) {
  const fs::path about = programs.parent_path() / "programs.json";
  const std::string text = read_file(about).value_or("{}");
  const auto written = parse_json(text);
  if (written.is_object() && !written.contains("seal")) return {};
  const auto record = read_sealed(about);
  if (record && text_in(record->value("files", nlohmann::json()), "programs.cpio") == sha256) return {};
  return fail(
      ErrorKind::infrastructure,
      fmt::format("{}: is not what was built, as {} has it", programs.string(), about.filename().string()),
      std::string("build the target's programs: ") + facts_of(architecture).build_command);
}

std::vector<InstalledPackage> packages_of(const std::string& manifest_text) {
  std::vector<InstalledPackage> packages;
  const auto manifest = parse_json(manifest_text);
  if (!manifest.is_object() || !manifest.contains("packages")) return packages;
  for (const auto& entry : manifest["packages"])
    packages.push_back({text_in(entry, "package"), text_in(entry, "version"), text_in(entry, "deb_sha256")});
  return packages;
}

std::vector<std::string> make_command(const fs::path& root, Architecture architecture,
                                      const PinnedBase* pinned) {
  std::vector<std::string> command = {(root / "fixtures" / "rootfs" / "make").string(), "--arch",
                                      name_of(architecture)};
  if (pinned == nullptr) return command;
  command.insert(command.end(), {"--sha256", pinned->sha256});
  for (const InstalledPackage& each : pinned->packages)
    command.insert(command.end(), {"--package", each.package + "=" + each.version});
  return command;
}

}  // namespace

Result<TargetImage> make_target_image(const fs::path& root, const fs::path& programs,
                                      Architecture architecture, const Notify& notify,
                                      const PinnedBase* pinned) {
  TRY(made, run_fixture_script(make_command(root, architecture, pinned), notify));
  TargetImage target;
  target.base = text_in(made, "image");
  target.programs = programs;
  TRY(base_sha256, cached_sha256_of_file(target.base));
  auto programs_sha256 = cached_sha256_of_file(programs);
  if (!programs_sha256)
    return fail(ErrorKind::infrastructure, programs_sha256.error().what,
                std::string("build the target's programs: ") + facts_of(architecture).build_command);
  TRY(manifest, read_file(text_in(made, "manifest")));
  target.packages = packages_of(manifest);
  target.base_sha256 = std::move(base_sha256);
  target.programs_sha256 = std::move(*programs_sha256);
  TRY_STATUS(check_programs(programs, target.programs_sha256, architecture));
  TRY_STATUS(
      join({target.base, target.base_sha256}, {target.programs, target.programs_sha256}, notify, &target));
  return target;
}

Result<TargetImage> with_modules(const TargetImage& target, const fs::path& modules, const Notify& notify) {
  TRY(modules_sha256, cached_sha256_of_file(modules));
  TargetImage extended = target;
  TRY_STATUS(join({target.initrd, target.initrd_sha256}, {modules, modules_sha256}, notify, &extended));
  return extended;
}

}  // namespace loopgate
