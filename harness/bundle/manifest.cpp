#include "bundle/manifest.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/json.h"
#include "base/sealed_json.h"
#include "bundle/ustar.h"

namespace loopgate {
namespace {

using nlohmann::json;

tl::unexpected<Error> refused(std::string what) {
  return fail(ErrorKind::data, fmt::format("{}: {}", manifest_name, std::move(what)),
              "ask for the bundle again, as it was made");
}

bool is_digest(const json& value) {
  if (!value.is_string()) return false;
  const std::string& text = value.get_ref<const std::string&>();
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

Status add_file(const std::string& path, const json& entry, Manifest* manifest) {
  if (path == manifest_name || !is_safe_path(path))
    return refused("names a file that would be unpacked elsewhere, or over the manifest");
  const bool is_entry = entry.is_object() && entry.size() == 2 && entry.contains("size") &&
                        entry["size"].is_number_unsigned() && entry.contains("sha256") &&
                        is_digest(entry["sha256"]);
  if (!is_entry) return refused(fmt::format("size and sha256 of {} are not both there", path));
  const BundledFile file{entry["size"], entry["sha256"]};
  if (!ustar_header(path, file.size)) return refused(fmt::format("{} fits into no tar file", path));
  manifest->files.emplace(path, file);
  return {};
}

}  // namespace

bool is_safe_path(std::string_view path) {
  const auto printable = [](char c) { return c > ' ' && c < 0x7f && c != '\\'; };
  if (path.empty() || !std::ranges::all_of(path, printable)) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") return false;
    begin = end + 1;
  }
  return true;
}

std::string to_text(const Manifest& manifest) {
  json files = json::object();
  for (const auto& [path, file] : manifest.files)
    files[path] = {{"size", file.size}, {"sha256", file.sha256}};
  return sealed({{"format", bundle_format},
                 {"loopgate", manifest.loopgate},
                 {"commit", manifest.commit},
                 {"files", std::move(files)}});
}

Result<Manifest> parse_manifest(std::string_view text) {
  const auto object = unsealed(text);
  if (!object) return refused("was altered: its digest of itself is another");
  const json format = object->value("format", json());
  if (!format.is_number_integer()) return refused("has no format");
  if (format != bundle_format)
    return fail(ErrorKind::data,
                fmt::format("{}: is of format {}, and this loopgate reads {}", manifest_name, format.dump(),
                            bundle_format),
                "verify it with the version of loopgate that packed it, or a later one");
  const json files = object->value("files", json());
  if (!files.is_object()) return refused("names no files");
  Manifest manifest;
  for (const auto& [key, into] : {std::pair{"loopgate", &manifest.loopgate}, {"commit", &manifest.commit}}) {
    const json value = object->value(key, json());
    if (!value.is_string()) return refused(fmt::format("has no {}", key));
    *into = value;
  }
  for (const auto& [path, entry] : files.items()) TRY_STATUS(add_file(path, entry, &manifest));
  if (to_text(manifest) != text) return refused("was altered: it is not in the form that loopgate writes");
  return manifest;
}

std::uint64_t size_of_bundle(const Manifest& manifest, std::uint64_t manifest_size) {
  std::uint64_t size = tar_block + manifest_size + tar_padding(manifest_size) + tar_end;
  for (const auto& [path, file] : manifest.files) size += tar_block + file.size + tar_padding(file.size);
  return size;
}

}  // namespace loopgate
