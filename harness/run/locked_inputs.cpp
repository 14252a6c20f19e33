#include "run/locked_inputs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/file.h"
#include "run/contenders.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string file_name_of(const KernelInput& kernel) {
  return name_without_contender(kernel.name, kernel.contender.name);
}

auto differs(ErrorKind kind, const std::string& place, const std::string& what, const std::string& locked,
             const std::string& here, const std::string& next_step) {
  return fail(kind, fmt::format("{}: {} has sha256 {} there, and {} here", place, what, locked, here),
              next_step);
}

}  // namespace

Result<LockedInputs> LockedInputs::read(const fs::path& place) {
  LockedInputs locked;
  locked.place_ = place.string();
  std::error_code ignored;
  if (fs::is_directory(place, ignored)) {
    TRY(run, read_run_record(place));
    locked.run_ = std::move(run);
  } else {
    if (!fs::exists(place, ignored))
      return fail(ErrorKind::usage, fmt::format("{}: there is no such run", place.string()),
                  "--inputs takes the folder of a run, or its run.json");
    TRY(text, read_file(place, ErrorKind::data));
    TRY(run, parse_run_record(text, place.string()));
    locked.run_ = std::move(run);
  }
  if (locked.run_.target) return locked;
  return fail(ErrorKind::usage, fmt::format("{}: is a capture's, which booted nothing", place.string()),
              "name a run that `loopgate run` has measured");
}

Result<const KernelInput*> LockedInputs::kernel_of(const Kernel& kernel) const {
  const std::string wanted = name_without_contender(kernel.name, kernel.contender);
  std::vector<std::string> names;
  for (const KernelInput& each : run_.kernels) {
    if (file_name_of(each) == wanted) return &each;
    names.push_back(file_name_of(each));
  }
  return fail(
      ErrorKind::usage, fmt::format("{}: has no kernel {}, which this run asks for", place_, wanted),
      fmt::format("it has {}: ask for these, or name another run by --inputs", fmt::join(names, ", ")));
}

Status LockedInputs::pin(std::vector<Kernel>* kernels) const {
  for (Kernel& kernel : *kernels) {
    TRY(locked, kernel_of(kernel));
    auto* source = std::get_if<PackageSource>(&kernel.source);
    if (source == nullptr || locked->package.empty()) continue;
    source->package = locked->package;
    source->version = locked->version;
  }
  return {};
}

PinnedBase LockedInputs::base() const {
  PinnedBase base{run_.target->base_sha256, {}};
  for (const Package& each : run_.target->packages) base.packages.push_back({each.package, each.version});
  return base;
}

Status LockedInputs::check(const Kernel& kernel, const KernelFiles& files) const {
  TRY(locked, kernel_of(kernel));
  if (locked->image_sha256 == files.image_sha256) return {};
  const bool of_the_archive = std::holds_alternative<PackageSource>(kernel.source);
  return differs(of_the_archive ? ErrorKind::infrastructure : ErrorKind::usage, place_,
                 fmt::format("the image of kernel {}", kernel.name), locked->image_sha256, files.image_sha256,
                 fmt::format("{} is another build: name the one that was measured there, or measure without "
                             "--inputs",
                             files.image.string()));
}

Status LockedInputs::check(const TargetImage& target) const {
  if (target.base_sha256 != run_.target->base_sha256)
    return differs(ErrorKind::infrastructure, place_, "the base image", run_.target->base_sha256,
                   target.base_sha256, "take the loopgate that measured there, which made it");
  if (target.programs_sha256 == run_.target->programs_sha256) return {};
  const std::string& commit = run_.circumstances.commit;
  return differs(ErrorKind::infrastructure, place_, "programs.cpio (the target's programs)",
                 run_.target->programs_sha256, target.programs_sha256,
                 fmt::format("they are made of Loopgate's sources and of the sysroot's packages: take a "
                             "loopgate built from {}, or the package that measured there",
                             commit.empty() ? "the same commit" : commit));
}

Status LockedInputs::check_modules(const Kernel& kernel,
                                   const std::optional<TargetImage>& with_modules) const {
  TRY(locked, kernel_of(kernel));
  const std::string ours = with_modules ? with_modules->initrd_sha256 : "";
  if (locked->initrd_sha256 == ours) return {};
  const auto shown = [](const std::string& sha256) { return sha256.empty() ? "(it has none)" : sha256; };
  return differs(ErrorKind::usage, place_, fmt::format("the image with kernel {}'s modules", kernel.name),
                 shown(locked->initrd_sha256), shown(ours),
                 "name the modules that were measured there: base image and programs are the same");
}

}  // namespace loopgate
