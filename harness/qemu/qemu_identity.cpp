#include "qemu/qemu_identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "base/digest_cache.h"
#include "base/process.h"
#include "base/version.h"

namespace loopgate {
namespace {

constexpr std::chrono::seconds version_limit{60};

// Debian's, that has the emulator.
const char* package_of(const Board& board) { return facts_of(board.architecture).qemu_package; }

}  // namespace

Result<std::string> qemu_version(const Board& board) {
  const std::string binary = find_program(board.qemu().binary);
  if (binary.empty())
    return fail(ErrorKind::infrastructure, fmt::format("{} is not installed", board.qemu().binary),
                fmt::format("install {}: ci/setup does", package_of(board)));
  auto asked = run_program({binary, "--version"}, version_limit);
  if (!asked) return tl::unexpected(asked.error());
  constexpr std::string_view before = "version ";
  const auto at = asked->output.find(before);
  if (asked->exit_status != 0 || at == std::string::npos)
    return fail(ErrorKind::infrastructure, fmt::format("{} --version says no version", binary));
  std::string version = asked->output.substr(at + before.size());
  version.resize(std::min(version.size(), version.find_first_of(" \n")));
  if (is_older(version, board.qemu().min_version))
    return fail(ErrorKind::infrastructure,
                fmt::format("{} is version {}, and board {} needs {} or newer", binary, version, board.name,
                            board.qemu().min_version),
                "run ci/setup, which installs it from Debian's backports");
  return version;
}

Result<QemuIdentity> identify_qemu(const Board& board, const std::filesystem::path& plugin) {
  auto version = qemu_version(board);
  if (!version) return tl::unexpected(version.error());
  QemuIdentity identity;
  identity.version = *version;
  const std::string binary = find_program(board.qemu().binary);
  auto binary_digest = cached_sha256_of_file(binary);
  if (!binary_digest) return tl::unexpected(binary_digest.error());
  auto plugin_digest = cached_sha256_of_file(plugin);
  if (!plugin_digest)
    return fail(ErrorKind::infrastructure, plugin_digest.error().what, "build it: cmake --build build");
  identity.binary_sha256 = *binary_digest;
  identity.instrument_sha256 = *plugin_digest;
  return identity;
}

}  // namespace loopgate
