// Copies files to and from a board: whole or not at all, and checked by digest.
#include <fmt/format.h>

#include <charconv>
#include <cstdint>

#include "base/digest.h"
#include "base/file.h"
#include "board/remote.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// For a kernel of 37 MB at 1 Mbit/s.
constexpr std::chrono::seconds copy_limit{600};

std::string folder_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string::npos || slash == 0 ? "/" : path.substr(0, slash);
}

// Stores standard input as a complete file, or not at all.
std::string keep_script(const std::string& path, const std::string& mode, const std::string& digest) {
  const std::string part = quoted({path + ".part"});
  return fmt::format(
      "export LC_ALL=C\n"
      "mkdir -p {0} && cat > {1} || {{ rm -f {1}; exit 1; }}\n"
      "seen=$(sha256sum < {1}) || exit 1\n"
      "[ \"${{seen%% *}}\" = {2} ] || {{ rm -f {1}; echo 'the received data differs from what was sent' >&2; "
      "exit 1; "
      "}}\n"
      "chmod {3} {1} && mv -f {1} {4}\n",
      quoted({folder_of(path)}), part, digest, mode, quoted({path}));
}

Error not_kept(const std::string& host, const std::string& path, const ProcessResult& finished) {
  if (finished.errors.find("No space left on device") != std::string::npos)
    return {ErrorKind::infrastructure, fmt::format("{}: no room for {}", host, path),
            "free space on the board; files of earlier runs are not needed"};
  return {ErrorKind::infrastructure,
          fmt::format("{}: {} cannot be written: {}", host, path, last_printable_line(finished.errors)), ""};
}

}  // namespace

Status Remote::copy_in(const fs::path& file, const std::string& path, const std::string& mode) {
  auto digest = sha256_of_file(file);
  if (!digest) return tl::unexpected(digest.error());
  RemoteCommand command;
  command.script = keep_script(path, mode, *digest);
  command.limit = copy_limit;
  command.input = file;
  auto finished = run(command);
  if (!finished) return tl::unexpected(finished.error());
  if (finished->exit_status != 0) return tl::unexpected(not_kept(lab_.ssh, path, *finished));
  return {};
}

Status Remote::write(std::string_view text, const std::string& path, const std::string& mode) {
  const fs::path file = scratch_folder() / "text";
  if (auto written = write_file_atomically(file, text); !written) return written;
  return copy_in(file, path, mode);
}

Result<std::uintmax_t> Remote::free_bytes(const std::string& folder) {
  // The last line's fourth word, in KiB (POSIX: df -P).
  auto df = run_script("df -Pk " + quoted({folder}) +
                       " | tail -n 1 | { read -r system size used free rest; echo \"$free\"; }");
  if (!df) return tl::unexpected(df.error());
  std::uintmax_t kib = 0;
  const auto [end, error] = std::from_chars(df->data(), df->data() + df->size(), kib);
  if (error != std::errc() || *end != '\n' || kib > UINTMAX_MAX / 1024)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot read the free space of {} from df", lab_.ssh, folder));
  return kib * 1024;
}

Result<std::string> Remote::copy_out(const std::string& path, const fs::path& file) {
  const std::string name = quoted({path});
  fs::path part = file;
  part += ".part";
  RemoteCommand command;
  command.script = fmt::format("export LC_ALL=C\ncat {0} && sha256sum < {0} >&2\n", name);
  command.limit = copy_limit;
  command.output = part;
  auto finished = run(command);
  auto digest = finished ? sha256_of_file(part) : Result<std::string>(tl::unexpected(finished.error()));
  std::error_code error;
  if (digest && finished->exit_status == 0 && finished->errors.starts_with(*digest)) {
    fs::rename(part, file, error);
    if (!error) return *digest;
    return fail(ErrorKind::infrastructure, fmt::format("{}: {}", file.string(), error.message()));
  }
  fs::remove(part, error);
  if (!digest) return tl::unexpected(digest.error());
  if (finished->exit_status != 0)
    return fail(ErrorKind::infrastructure, fmt::format("{}: {} cannot be read: {}", lab_.ssh, path,
                                                       last_printable_line(finished->errors)));
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: {} differs from what the board sent", lab_.ssh, path),
              "check whether something is still writing to it");
}

}  // namespace loopgate
