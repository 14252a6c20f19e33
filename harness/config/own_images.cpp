#include "config/own_images.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <sstream>
#include <system_error>

#include "base/file.h"
#include "base/nearest.h"
#include "protocol/channel.h"
#include "protocol/picture_archive.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// What reference-app/inspection/picture.cpp reads.
constexpr std::array<std::string_view, 2> known_kinds = {".png", ".pgm"};
// What people have, and would miss without a word.
constexpr std::array<std::string_view, 8> other_kinds = {".jpg",  ".jpeg", ".bmp", ".tif",
                                                         ".tiff", ".webp", ".gif", ".ppm"};

// Below each other; more than one with pictures in it is refused anyway.
constexpr int folders_at_most = 8;

template <class Kinds>
bool is_one_of(const fs::path& file, const Kinds& kinds) {
  std::string extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::ranges::find(kinds, extension) != kinds.end();
}

// Their names below `folder`, sorted.
Result<std::vector<std::string>> picture_names(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  // A folder may be a link: whoever sorts pictures that lie elsewhere makes such.
  for (fs::recursive_directory_iterator entry(folder, fs::directory_options::follow_directory_symlink, error),
       end;
       !error && entry != end; entry.increment(error)) {
    if (entry->is_directory(error) && entry.depth() > folders_at_most)
      return fail(ErrorKind::usage,
                  entry->path().string() + ": lies too deep: is a link to a folder above it?");
    if (!entry->is_regular_file(error)) continue;
    const std::string name = entry->path().lexically_relative(folder).generic_string();
    if (is_one_of(entry->path(), other_kinds))
      return fail(ErrorKind::usage, entry->path().string() + ": pictures must be .png or .pgm",
                  "ImageMagick makes one: convert IN.jpg OUT.png");
    if (!is_one_of(entry->path(), known_kinds)) continue;
    if (entry.depth() > 1)
      return fail(ErrorKind::usage,
                  fmt::format("{}: lies more than one folder below {}, and one folder is one label",
                              entry->path().string(), folder.string()));
    if (name.size() > archived_name_max)
      return fail(ErrorKind::usage, fmt::format("{}: below {} its name is longer than {} characters",
                                                entry->path().string(), folder.string(), archived_name_max));
    names.push_back(name);
  }
  if (error) return fail(ErrorKind::usage, folder.string() + ": cannot be read: " + error.message());
  if (names.empty()) return fail(ErrorKind::usage, folder.string() + ": has no pictures (.png, .pgm)");
  std::ranges::sort(names);
  return names;
}

bool is_number(const std::string& text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
}

using Labels = std::map<std::string, std::string>;  // of pictures, by name

Labels labels_of_folders(const std::vector<std::string>& names) {
  Labels labels;
  for (const std::string& name : names)
    if (const auto slash = name.find('/'); slash != std::string::npos) labels[name] = name.substr(0, slash);
  return labels;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& names) {
  const auto meant = nearest(name, names);
  return meant ? fmt::format("did you mean \"{}\"?", *meant)
               : "names are those below the folder: OK/part-17.png";
}

Result<Labels> read_labels(const fs::path& file, const std::vector<std::string>& names) {
  TRY(text, read_regular_file(file, payload_files_size_max));
  Labels labels;
  int number = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.starts_with('#')) continue;
    const auto comma = line.rfind(',');
    const std::string name = line.substr(0, comma);
    const auto where = [&] { return fmt::format("{}:{}: ", file.string(), number); };
    if (comma == std::string::npos || comma + 1 == line.size())
      return fail(ErrorKind::usage, where() + "must be NAME,LABEL");
    if (!std::ranges::binary_search(names, name))
      return fail(ErrorKind::usage, where() + name + " is no picture of the folder",
                  did_you_mean(name, names));
    if (!labels.emplace(name, line.substr(comma + 1)).second)
      return fail(ErrorKind::usage, where() + name + " has a label already");
  }
  return labels;
}

Result<std::map<std::string, bool>> truth_of(const Labels& labels, const LabelMeaning& meaning) {
  std::map<std::string, bool> truth;
  for (const auto& [name, label] : labels) {
    const auto ok = is_ok(label, meaning);
    if (!ok)
      return fail(ErrorKind::usage,
                  fmt::format("{}: its label {} is neither OK nor NG, nor a class of the model", name, label),
                  "name the classes that are OK with --ok-classes, and all of them with --labels");
    truth[name] = *ok;
  }
  return truth;
}

Result<std::string> pack(const fs::path& folder, const std::vector<std::string>& names) {
  std::vector<std::string> bytes;
  std::vector<ArchivedFile> files;
  std::size_t size = 0;
  bytes.reserve(names.size());
  for (const std::string& name : names) {
    TRY(content, read_regular_file(folder / name, payload_files_size_max));
    size += content.size();
    if (size > payload_files_size_max)
      return fail(ErrorKind::usage,
                  fmt::format("{}: its pictures have more than {} MiB together", folder.string(),
                              payload_files_size_max >> 20U),
                  "give fewer of them: they are shown over and over");
    bytes.push_back(std::move(content));
    files.push_back({name, bytes.back()});
  }
  return write_picture_archive(files);
}

}  // namespace

std::optional<bool> is_ok(const std::string& label, const LabelMeaning& meaning) {
  const auto is_named = [&](const std::string& name) {
    return std::ranges::find(meaning.ok_classes, name) != meaning.ok_classes.end();
  };
  if (is_named(label)) return true;
  const auto at = std::ranges::find(meaning.labels, label);
  if (at != meaning.labels.end() && !meaning.ok_classes.empty())
    return is_named(std::to_string(at - meaning.labels.begin()));
  for (std::size_t i = 0; i < meaning.labels.size() && !meaning.ok_classes.empty(); ++i)
    if (label == std::to_string(i)) return is_named(meaning.labels[i]);
  if (label == "OK" || label == "NG") return label == "OK";
  // Without the model's labels, what is not named as good is taken for another of its classes; of a name
  // nothing is known where the good ones are numbers, nor of a number where they are names.
  const bool same_kind = std::ranges::any_of(
      meaning.ok_classes, [&](const std::string& name) { return is_number(name) == is_number(label); });
  if (meaning.labels.empty() && same_kind) return false;
  return std::nullopt;
}

Result<OwnImages> gather_images(const fs::path& folder, const fs::path& labels_file,
                                const std::optional<LabelMeaning>& meaning) {
  TRY(names, picture_names(folder));
  OwnImages images;
  if (meaning) {
    Labels labels = labels_of_folders(names);
    if (!labels_file.empty()) {
      TRY(said, read_labels(labels_file, names));
      labels = std::move(said);
    }
    TRY(truth, truth_of(labels, *meaning));
    images.is_ok = std::move(truth);
  }
  TRY(archive, pack(folder, names));
  images.archive = std::move(archive);
  return images;
}

}  // namespace loopgate
