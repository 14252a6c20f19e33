#include "record/cell_files.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Status check_digest(const fs::path& path, const std::string& sha256, const std::string& expected) {
  if (expected.empty() || sha256 == expected) return {};
  return fail(ErrorKind::data, fmt::format("{}: {} was altered: its sha256 is not the one in outcome.json",
                                           path.string(), path.filename().string()));
}

template <class File, class Parse>
Result<Loaded<File>> load(const fs::path& path, const std::string& expected, const Parse& parse) {
  TRY(bytes, read_file(path, ErrorKind::data));
  std::string sha256 = sha256_of(bytes);
  TRY_STATUS(check_digest(path, sha256, expected));
  TRY(file, parse(bytes, path.string()));
  return Loaded<File>{std::move(file), std::move(sha256)};
}

constexpr std::string_view trace_magic = "\x17\x08\x44tracing";

}  // namespace

Result<Loaded<SampleFile>> load_samples(const fs::path& cell_folder, const std::string& expected) {
  const fs::path path = cell_folder / samples_artifact.name;
  Sha256 digest;
  bool was_read = false;
  auto file = read_samples(path, [&](const void* data, std::size_t size) {
    was_read = true;
    digest.add(data, size);
  });
  std::string sha256 = digest.hex();
  // That it was altered explains whatever else is wrong with it.
  if (was_read) TRY_STATUS(check_digest(path, sha256, expected));
  if (!file) return tl::unexpected(file.error());
  return Loaded<SampleFile>{std::move(*file), std::move(sha256)};
}

Result<Loaded<FramesFile>> load_frames(const fs::path& cell_folder, const std::string& expected) {
  return load<FramesFile>(cell_folder / frames_artifact.name, expected, parse_frames);
}

Result<Loaded<StampsFile>> load_stamps(const fs::path& cell_folder, const std::string& expected) {
  return load<StampsFile>(cell_folder / stamps_artifact.name, expected, parse_stamps);
}

Result<Loaded<ProbeFile>> load_probe(const fs::path& cell_folder, const std::string& expected) {
  return load<ProbeFile>(cell_folder / probe_artifact.name, expected, parse_probe);
}

Status check_evidence(const fs::path& cell_folder, const std::string& expected) {
  if (expected.empty()) return {};
  const fs::path path = cell_folder / evidence_artifact.name;
  TRY(bytes, read_file(path, ErrorKind::data));
  return check_digest(path, sha256_of(bytes), expected);
}

Status check_shown_files(const fs::path& cell_folder, const Outcome& outcome) {
  for (const Artifact& artifact : artifacts) {
    const std::string expected = outcome.sha256_of(artifact);
    if (artifact.repeats || expected.empty()) continue;
    const fs::path path = cell_folder / artifact.name;
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored))
      return fail(ErrorKind::data,
                  fmt::format("{}: is gone, and outcome.json has its digest", path.string()));
    TRY(sha256, sha256_of_file(path));
    TRY_STATUS(check_digest(path, sha256, expected));
  }
  return {};
}

Result<std::string> check_trace(const fs::path& cell_folder, const std::string& expected) {
  const fs::path path = cell_folder / trace_artifact.name;
  TRY(bytes, read_file(path, ErrorKind::data));
  std::string sha256 = sha256_of(bytes);
  TRY_STATUS(check_digest(path, sha256, expected));
  if (!bytes.starts_with(trace_magic))
    return fail(ErrorKind::data, fmt::format("{}: is no trace.dat (wrong magic)", path.string()));
  return sha256;
}

}  // namespace loopgate
