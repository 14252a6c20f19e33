#include "bundle/unpack.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>

#include "base/digest.h"
#include "base/file.h"
#include "bundle/new_file.h"
#include "bundle/ustar.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t portion_size = 1 << 20;

// The bundle's bytes in order, and the digest of all of them.
class Bytes {
 public:
  explicit Bytes(const fs::path& path) : path_(path), in_(path, std::ios::binary) {}

  bool opened() const { return in_.is_open(); }
  // Exactly so many; at most a portion at a time, but for the manifest.
  Result<std::string> next(std::uint64_t size, std::string_view of) {
    std::string bytes(size, '\0');
    in_.read(bytes.data(), static_cast<std::streamsize>(size));
    if (static_cast<std::uint64_t>(in_.gcount()) != size) return refused(fmt::format("ends within {}", of));
    digest_.add(bytes.data(), bytes.size());
    return bytes;
  }
  Status expect(std::string_view wanted, const std::string& what) {
    TRY(found, next(wanted.size(), what));
    if (found != wanted) return refused(fmt::format("{} is not the one that the manifest tells of", what));
    return {};
  }
  bool at_end() { return in_.peek() == std::ifstream::traits_type::eof(); }
  std::string digest() { return digest_.hex(); }

  tl::unexpected<Error> refused(const std::string& what) const {
    return fail(ErrorKind::data, fmt::format("{}: {}", path_.string(), what),
                "the bundle was altered or cut: ask for it again, as it was made");
  }

 private:
  fs::path path_;
  std::ifstream in_;
  Sha256 digest_;
};

std::string zeros(std::uint64_t size) { return std::string(size, '\0'); }

// The size that the first header tells of; the header is compared as a whole afterwards.
Result<std::uint64_t> size_of_manifest(const std::string& header, const Bytes& bytes) {
  std::uint64_t size = 0;
  const char* begin = header.data() + 124;
  const auto [end, error] = std::from_chars(begin, begin + 11, size, 8);
  const bool read = error == std::errc() && end == begin + 11 && size <= largest_manifest;
  const auto wanted = read ? ustar_header(manifest_name, size) : std::nullopt;
  if (!wanted || header != *wanted)
    return bytes.refused("is no bundle: it does not begin with a manifest.json as loopgate writes it");
  return size;
}

std::string quoted_path(const std::string& path) {
  std::string text = path;
  for (char& each : text)
    if (static_cast<unsigned char>(each) < 0x20 || static_cast<unsigned char>(each) > 0x7e) each = '?';
  return text;
}

// Of an archive that has not the manifest's size: the first entry that is missing, or that nobody told of.
// Headers alone are read, as many as the manifest has files.
std::string out_of_place(const fs::path& path, const Manifest& manifest, std::uint64_t first_entry) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(first_entry));
  const auto next_header = [&] {
    std::string block(tar_block, '\0');
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    block.resize(static_cast<std::size_t>(in.gcount()));
    return block;
  };
  for (const auto& [name, file] : manifest.files) {
    const std::string header = next_header();
    if (header != *ustar_header(name, file.size)) {
      const std::string there = path_of_ustar_header(header);
      if (there == name) return fmt::format("{} has another size", name);
      return there.empty() || manifest.files.contains(there)
                 ? fmt::format("{} is missing", name)
                 : fmt::format("{} is in it, and the manifest does not tell of it", quoted_path(there));
    }
    in.seekg(static_cast<std::streamoff>(file.size + tar_padding(file.size)), std::ios::cur);
  }
  const std::string there = path_of_ustar_header(next_header());
  return there.empty() ? "it is cut off or goes on behind its end"
                       : fmt::format("{} is in it, and the manifest does not tell of it", quoted_path(there));
}

Result<Manifest> read_manifest(const fs::path& path, std::uint64_t bundle_size, Bytes* bytes) {
  TRY(header, bytes->next(tar_block, "its first header"));
  TRY(size, size_of_manifest(header, *bytes));
  if (size > bundle_size) return bytes->refused("ends within manifest.json");
  TRY(text, bytes->next(size, manifest_name));
  auto manifest = parse_manifest(text);
  if (!manifest) {
    Error error = std::move(manifest).error();
    error.what = fmt::format("{}: {}", path.string(), error.what);
    return tl::unexpected<Error>(std::move(error));
  }
  TRY_STATUS(bytes->expect(zeros(tar_padding(size)), "the padding of manifest.json"));
  const std::uint64_t wanted = size_of_bundle(*manifest, size);
  if (wanted != bundle_size)
    return bytes->refused(fmt::format("has {} bytes, and what its manifest tells of has {}: {}", bundle_size,
                                      wanted,
                                      out_of_place(path, *manifest, tar_block + size + tar_padding(size))));
  return manifest;
}

Status unpack_file(const std::string& name, const BundledFile& file, const fs::path& folder, Bytes* bytes) {
  TRY_STATUS(bytes->expect(*ustar_header(name, file.size), fmt::format("the tar header of {}", name)));
  TRY_STATUS(make_directories((folder / name).parent_path()));
  TRY(out, NewFile::create(folder / name));
  Sha256 digest;
  for (std::uint64_t left = file.size; left > 0;) {
    TRY(portion, bytes->next(std::min(left, portion_size), name));
    digest.add(portion.data(), portion.size());
    TRY_STATUS(out.write(portion));
    left -= portion.size();
  }
  if (digest.hex() != file.sha256)
    return bytes->refused(fmt::format("{} was altered: its sha256 is not the manifest's", name));
  TRY_STATUS(out.close_unsynced());
  return bytes->expect(zeros(tar_padding(file.size)), fmt::format("the padding of {}", name));
}

}  // namespace

Result<UnpackedBundle> unpack(const fs::path& bundle, const fs::path& folder) {
  std::error_code error;
  const bool regular = fs::is_regular_file(bundle, error);
  const std::uint64_t size = regular ? fs::file_size(bundle, error) : 0;
  Bytes bytes(bundle);
  if (!regular || error || !bytes.opened())
    return fail(ErrorKind::usage, fmt::format("{}: is no file that can be read", bundle.string()),
                "name a bundle, as `loopgate bundle` writes it");
  TRY(manifest, read_manifest(bundle, size, &bytes));
  for (const auto& [name, file] : manifest.files) TRY_STATUS(unpack_file(name, file, folder, &bytes));
  TRY_STATUS(bytes.expect(zeros(tar_end), "the end of the archive"));
  if (!bytes.at_end()) return bytes.refused("goes on behind its end");
  return UnpackedBundle{std::move(manifest), bytes.digest()};
}

}  // namespace loopgate
