#include "bundle/archive.h"

#include <fmt/format.h>

#include <fstream>

#include "base/digest.h"
#include "bundle/manifest.h"
#include "bundle/new_file.h"
#include "bundle/ustar.h"
#include "record/derived_files.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

Status add_run_file(const fs::directory_entry& entry, const fs::path& inside, const std::string& as,
                    BundleSources* sources) {
  std::error_code error;
  if (entry.is_directory(error) && !entry.is_symlink(error)) return {};
  const std::string path = fmt::format("{}/{}", as, inside.generic_string());
  if (!entry.is_regular_file(error) || entry.is_symlink(error) || !is_safe_path(path))
    return fail(ErrorKind::usage,
                fmt::format("{}: is no regular file with a plain name, and no bundle has a place for it",
                            entry.path().string()),
                "move it out of the run's folder");
  sources->emplace(path, BundleSource{entry.path(), {}});
  return {};
}

Result<BundledFile> describe(const BundleSource& source) {
  if (source.file.empty()) return BundledFile{source.text.size(), sha256_of(source.text)};
  std::error_code error;
  const std::uint64_t size = fs::file_size(source.file, error);
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be read: {}", source.file.string(), error.message()));
  TRY(digest, sha256_of_file(source.file));
  return BundledFile{size, digest};
}

Result<Manifest> describe_all(const BundleSources& sources, const LoopgateVersion& loopgate) {
  Manifest manifest{loopgate.version, loopgate.commit, {}};
  for (const auto& [path, source] : sources) {
    TRY(file, describe(source));
    if (!ustar_header(path, file.size))
      return fail(ErrorKind::usage,
                  fmt::format("{}: its name or its size is too long for a tar file", source.file.string()),
                  "a path has at most 255 bytes, a file less than 8 GiB");
    manifest.files.emplace(path, std::move(file));
  }
  return manifest;
}

// Copies a file, and looks whether it is still the one that the manifest describes.
Status copy_file(const fs::path& file, const BundledFile& described, NewFile* out) {
  std::ifstream in(file, std::ios::binary);
  std::string portion(1 << 20, '\0');
  Sha256 digest;
  std::uint64_t copied = 0;
  while (in.read(portion.data(), static_cast<std::streamsize>(portion.size())), in.gcount() > 0) {
    const std::string_view read(portion.data(), static_cast<std::size_t>(in.gcount()));
    digest.add(read.data(), read.size());
    copied += read.size();
    TRY_STATUS(out->write(read));
  }
  if (copied != described.size || digest.hex() != described.sha256)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: changed while it was packed, or could not be read", file.string()),
                "pack the run when nothing writes into it");
  return {};
}

Status write_entry(const std::string& path, const BundleSource& source, const BundledFile& described,
                   NewFile* out) {
  TRY_STATUS(out->write(*ustar_header(path, described.size)));
  TRY_STATUS(source.file.empty() ? out->write(source.text) : copy_file(source.file, described, out));
  return out->write(std::string(tar_padding(described.size), '\0'));
}

// An earlier build packed them, and what it packed is still read.
bool is_of_sections(const fs::path& inside) {
  return inside == sections_json_file || inside == sections_csv_file || inside == sections_folded_file;
}

}  // namespace

bool is_derived(const fs::path& inside) {
  const std::string first = inside.begin()->string();
  const std::string last = inside.filename().string();
  constexpr int of_a_cell = 3;  // cells/CELL/FILE: a kernel may be called explain-it
  if (first == "cells" && std::distance(inside.begin(), inside.end()) == of_a_cell &&
      (last == "summary.json" || last.starts_with("explain.json") || last.starts_with("explain-")))
    return true;
  for (const char* each : {"verdict.json", "junit.xml", "verdict.md", "comparison.json", "distribution.json",
                           "bounds.json", paths_file, "report", "kernels"})
    if (first == each) return true;
  return false;
}

Status add_run(const fs::path& run_dir, const std::string& as, BundleSources* sources) {
  std::error_code error;
  for (fs::recursive_directory_iterator each(run_dir, error), end; !error && each != end;
       each.increment(error)) {
    const fs::path inside = each->path().lexically_relative(run_dir);
    if (is_derived(inside) || is_of_sections(inside)) {
      each.disable_recursion_pending();
      continue;
    }
    TRY_STATUS(add_run_file(*each, inside, as, sources));
  }
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be listed: {}", run_dir.string(), error.message()));
  return {};
}

Status write_bundle(const BundleSources& sources, const LoopgateVersion& loopgate, const fs::path& path) {
  TRY(manifest, describe_all(sources, loopgate));
  TRY(out, NewFile::create(path));
  const std::string text = to_text(manifest);
  if (text.size() > largest_manifest)
    return fail(ErrorKind::usage, "the run has more files than a bundle's manifest has place for");
  TRY_STATUS(write_entry(manifest_name, {{}, text}, {text.size(), {}}, &out));
  for (const auto& [name, source] : sources)
    TRY_STATUS(write_entry(name, source, manifest.files.at(name), &out));
  TRY_STATUS(out.write(std::string(tar_end, '\0')));
  return out.finish();
}

}  // namespace loopgate
