#include "kernel/target_image.h"

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/digest_cache.h"
#include "base/file.h"
#include "base/json.h"
#include "kernel/fixture_script.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// One file of two archives, since the kernel unpacks them one after the other. In the cache, named by its
// parts.
Status join(const fs::path& first, const std::string& first_sha256, const fs::path& second,
            const std::string& second_sha256, TargetImage* target) {
  const fs::path folder = cache_directory() / "initrd";
  target->initrd = folder / (sha256_of(first_sha256 + second_sha256).substr(0, 16) + ".cpio");
  std::error_code error;
  const auto size = fs::file_size(target->initrd, error);
  if (error || size != fs::file_size(first, error) + fs::file_size(second, error)) {
    TRY(begin, read_file(first));
    TRY(end, read_file(second));
    TRY_STATUS(make_directories(folder));
    TRY_STATUS(write_file_atomically(target->initrd, begin + end));
  }
  TRY(digest, cached_sha256_of_file(target->initrd));
  target->initrd_sha256 = std::move(digest);
  return {};
}

std::vector<InstalledPackage> packages_of(const std::string& manifest_text) {
  std::vector<InstalledPackage> packages;
  const auto manifest = parse_json(manifest_text);
  if (!manifest.is_object() || !manifest.contains("packages")) return packages;
  for (const auto& entry : manifest["packages"])
    packages.push_back({text_in(entry, "package"), text_in(entry, "version"), text_in(entry, "deb_sha256")});
  return packages;
}

}  // namespace

Result<TargetImage> make_target_image(const fs::path& root, const fs::path& programs,
                                      Architecture architecture, const Notify& notify) {
  TRY(made, run_fixture_script(
                {(root / "fixtures" / "rootfs" / "make").string(), "--arch", name_of(architecture)}, notify));
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
  TRY_STATUS(join(target.base, target.base_sha256, target.programs, target.programs_sha256, &target));
  return target;
}

Result<TargetImage> with_modules(const TargetImage& target, const fs::path& modules) {
  TRY(modules_sha256, cached_sha256_of_file(modules));
  TargetImage extended = target;
  TRY_STATUS(join(target.initrd, target.initrd_sha256, modules, modules_sha256, &extended));
  return extended;
}

}  // namespace loopgate
