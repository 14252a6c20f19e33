// What the machine boots: the kernel's image and the target image (an initramfs of Debian's programs, then
// ours). Both are made or fetched once by the scripts in fixtures/ and kept in the cache.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"

namespace loopgate {

struct TargetImage {
  std::filesystem::path initrd;  // all parts in one file
  std::string initrd_sha256;
  std::filesystem::path base;      // the parts by themselves, for a board whose system is its own
  std::filesystem::path programs;  //
  std::string base_sha256;         // Debian's part
  std::string programs_sha256;     // ours: agent, payloads, load programs
  nlohmann::json packages;         // [{"package":…,"version":…}]
};

struct KernelImage {
  std::filesystem::path image;
  std::filesystem::path config;  // empty when unknown
  std::string package;           // empty for an image of the user's own
  std::string version;
  std::string release;  // uname -r; empty when unknown
  std::string image_sha256;
  std::filesystem::path modules;      // an archive of those to load; empty: none
  std::optional<TargetImage> target;  // with them; nothing: the run's
  std::filesystem::path initramfs;    // of a candidate for a board: mounts the board's own system
  nlohmann::json config_checks = nlohmann::json::array();  // all of them, as evidence.json's `checks`
  std::string
      failed_check;  // a config check that does not hold makes the kernel's cells INVALID: one sentence
};

using Notify = std::function<void(const std::string&)>;  // what a person sees while it takes long

class Images {
 public:
  // `root` holds fixtures/; `programs` is the archive of our programs for the board's architecture, made by
  // the build.
  Images(std::filesystem::path root, std::filesystem::path programs, Notify tell);

  // Fetches the package if it is not in the cache; checks that it is a kernel for the board's architecture
  // and every config check.
  Result<KernelImage> kernel(const Kernel& kernel, const Board& board) const;

  Result<TargetImage> target(const Board& board) const;
  // The same with an archive more behind it.
  Result<TargetImage> with_modules(const TargetImage& target, const std::filesystem::path& modules) const;

  // What a kernel needs to boot on a board without being installed there: loads the board's [boot] modules
  // and gives way to the board's own system. Kept in the cache.
  Result<std::filesystem::path> initramfs(const Kernel& kernel, const Board& board) const;

 private:
  Result<nlohmann::json> run_script(const std::vector<std::string>& argv) const;

  std::filesystem::path root_;
  std::filesystem::path programs_;
  Notify tell_;
};

// Whether the bytes begin like an arm64 kernel: a raw Image (Documentation/arch/arm64/booting.rst: "ARM\x64"
// at offset 56), an EFI zboot image ("zimg" at 4) or gzip.
bool looks_like_arm64_kernel(std::string_view begin);

// Like an x86 one: a bzImage (Documentation/arch/x86/boot.rst: "HdrS" at offset 0x202).
bool looks_like_amd64_kernel(std::string_view begin);

// What builds our programs for that architecture: the virtual bench's are a part of every build, others are
// built when asked for.
std::string build_command_for(const std::string& architecture);

// The value of CONFIG_… in a .config: y, m, a number or string; n when it is not set or absent.
std::string config_option(std::string_view config, const std::string& option);

}  // namespace loopgate
