#include "kernel/kernel_provider.h"

#include <fmt/format.h>

#include <fstream>

#include "base/digest_cache.h"
#include "base/file.h"
#include "kernel/config_checks.h"
#include "kernel/fixture_script.h"
#include "kernel/kernel_source.h"
#include "kernel/module_archive.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Enough for every architecture's magic.
constexpr std::size_t begin_size = 4'096;

std::string begin_of(const fs::path& path) {
  std::string begin(begin_size, '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<std::size_t>(file.gcount()));
  return begin;
}

// A machine of arm64 boots a raw Image; the others' kernels unpack themselves. Which packed forms there are,
// that script alone knows.
Status unpack(const Kernel& kernel, const Board& board, const fs::path& root, const Notify& notify,
              KernelFiles* files) {
  const std::string begin = begin_of(files->image);
  if (board.architecture != Architecture::arm64 || begin.empty() || architecture_of_kernel(begin)) return {};
  const auto unpacked = run_fixture_script(
      {(root / "fixtures" / "kernels" / "unpack").string(), files->image.string()}, notify);
  if (!unpacked)
    return fail(unpacked.error().kind, fmt::format("kernel {}: {}", kernel.name, unpacked.error().what),
                unpacked.error().next_step);
  files->image = text_in(*unpacked, "image");
  files->image_form = text_in(*unpacked, "form");
  return {};
}

const char* images_of(Architecture architecture) {
  switch (architecture) {
    case Architecture::arm64:
      return "name an Image, Image.gz, vmlinuz.efi or vmlinux of arm64";
    case Architecture::amd64:
      return "name arch/x86/boot/bzImage, which is /boot/vmlinuz";
    case Architecture::armhf:
      return "name arch/arm/boot/zImage, which is /boot/vmlinuz";
  }
  return "";
}

Status check_architecture(const Kernel& kernel, const Board& board, const fs::path& image) {
  const auto seen = architecture_of_kernel(begin_of(image));
  if (seen == board.architecture) return {};
  const char* wanted = name_of(board.architecture);
  if (seen)
    return fail(ErrorKind::usage, fmt::format("kernel {}: {} is for {}, and board {} is {}", kernel.name,
                                              image.string(), name_of(*seen), board.name, wanted));
  return fail(ErrorKind::usage,
              fmt::format("kernel {}: {} is not an {} kernel image", kernel.name, image.string(), wanted),
              images_of(board.architecture));
}

// The agent reads the shared memory unaligned, which QEMU faults under LPAE's page tables (decisions/0070).
Status check_page_tables(const Kernel& kernel, const Board& board, const KernelFiles& files) {
  if (board.architecture != Architecture::armhf || !board.is_virtual() || files.config.empty()) return {};
  TRY(config, read_file(files.config, ErrorKind::usage));
  if (config_option(config, "CONFIG_ARM_LPAE") != "y") return {};
  return fail(ErrorKind::usage,
              fmt::format("kernel {}: {} has CONFIG_ARM_LPAE=y, which board {} cannot run", kernel.name,
                          files.config.string(), board.name),
              "build it without");
}

}  // namespace

namespace {

// Its modules are those of the image that was found, whatever the archive has by now.
Kernel of_that_version(Kernel kernel, const KernelFiles& files) {
  auto* source = std::get_if<PackageSource>(&kernel.source);
  if (source == nullptr || files.provenance.package.empty()) return kernel;
  source->package = files.provenance.package;
  source->version = files.provenance.version;
  return kernel;
}

}  // namespace

Result<KernelFiles> KernelProvider::provide(const Kernel& kernel, const Board& board) const {
  TRY(files, find_kernel(kernel, board, building_, root_, notify_));
  if (!files.is_built) return files;
  TRY_STATUS(unpack(kernel, board, root_, notify_, &files));
  auto digest = cached_sha256_of_file(files.image);
  if (!digest) return fail(ErrorKind::usage, digest.error().what, digest.error().next_step);
  files.image_sha256 = std::move(*digest);
  TRY_STATUS(check_architecture(kernel, board, files.image));
  const Kernel found = of_that_version(kernel, files);
  TRY(modules, pack_modules(found, board.architecture, root_, notify_));
  files.modules = std::move(modules);
  TRY_STATUS(check_config(kernel, &files));
  TRY_STATUS(check_page_tables(kernel, board, files));
  if (board.is_virtual()) return files;
  TRY(initramfs, make_initramfs(found, board, root_, notify_));
  files.initramfs = std::move(initramfs);
  return files;
}

}  // namespace loopgate
