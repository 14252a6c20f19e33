#include "capture/sigrok_session.h"

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "capture/samplerate.h"

namespace loopgate {
namespace {

constexpr std::size_t most_metadata = 65'536;

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }  // closing could write
};
struct CloseEntry {
  void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};
using Archive = std::unique_ptr<zip_t, CloseArchive>;
using Entry = std::unique_ptr<zip_file_t, CloseEntry>;

tl::unexpected<Error> damaged(const std::string& name, const std::string& what, std::string next_step = {}) {
  return fail(ErrorKind::data, fmt::format("{}: {}", name, what), std::move(next_step));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r"), text.size());
  const std::size_t end = text.find_last_not_of(" \t\r");
  return end == std::string_view::npos ? std::string_view() : text.substr(begin, end + 1 - begin);
}

using Keys = std::map<std::string, std::string, std::less<>>;

// The one device that captured; what it says of itself.
Result<Keys> keys_of_device(std::string_view text, const std::string& name) {
  std::map<std::string, Keys, std::less<>> sections;
  std::string section;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t equals = line.find('=');
    if (line.empty() || line.front() == '#') continue;
    if (line.front() == '[' && line.back() == ']') {
      section = line.substr(1, line.size() - 2);
    } else if (equals != std::string_view::npos) {
      sections[section].emplace(trimmed(line.substr(0, equals)), trimmed(line.substr(equals + 1)));
    } else {
      return damaged(name, "a line of its metadata is neither a section nor a key with a value");
    }
  }
  std::vector<Keys> devices;
  for (auto& [title, keys] : sections)
    if (title.starts_with("device ") && keys.contains("capturefile")) devices.push_back(std::move(keys));
  if (devices.empty()) return damaged(name, "no device of its metadata captured logic levels");
  if (devices.size() > 1)
    return damaged(name, "it holds captures of several devices, whose clocks are not one");
  return std::move(devices.front());
}

std::string value_of(const Keys& keys, std::string_view key) {
  const auto found = keys.find(key);
  return found == keys.end() ? std::string() : found->second;
}

std::optional<std::size_t> number_of(std::string_view text) {
  std::size_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<std::size_t> bit_of(const Keys& keys, const std::string& channel, std::size_t unit_size,
                           const std::string& name) {
  std::vector<std::string> all;
  std::vector<std::size_t> found;
  for (const auto& [key, value] : keys) {
    if (!key.starts_with("probe")) continue;
    const auto number = number_of(std::string_view(key).substr(5));
    if (!number || *number < 1 || *number > 8 * unit_size)
      return damaged(name,
                     fmt::format("{} of its metadata is no channel of {} bytes a sample", key, unit_size));
    all.push_back(value);
    if (value == channel) found.push_back(*number - 1);
  }
  if (found.size() == 1) return found.front();
  return fail(ErrorKind::usage,
              fmt::format("{}: has {} {}", name, found.empty() ? "no channel" : "several channels", channel),
              fmt::format("it has {}", fmt::join(all, ", ")));
}

class SessionReader : public CaptureReader {
 public:
  SessionReader(Archive archive, std::string name) : archive_(std::move(archive)), name_(std::move(name)) {}

  Status read_head(const ChannelNames& channels) {
    auto version = read_small("version");
    if (!version) return tl::unexpected(version.error());
    if (trimmed(*version) != "1" && trimmed(*version) != "2")
      return damaged(name_, "is of another version than 1 and 2 of sigrok's session files");
    auto text = read_small("metadata");
    if (!text) return tl::unexpected(text.error());
    auto metadata = parse_session_metadata(*text, name_, channels);
    if (!metadata) return tl::unexpected(metadata.error());
    metadata_ = std::move(*metadata);
    return {};
  }

  std::uint64_t samplerate_hz() const override { return metadata_.samplerate_hz; }

  Result<std::uint64_t> read(const OnLevels& on_levels) override {
    if (zip_name_locate(archive_.get(), metadata_.capture_file.c_str(), 0) >= 0) {
      if (auto done = read_part(metadata_.capture_file, on_levels); !done)
        return tl::unexpected(done.error());
    } else {
      const auto parts = zip_get_num_entries(archive_.get(), 0);
      zip_int64_t part = 1;
      for (; part <= parts; ++part) {
        const std::string entry = fmt::format("{}-{}", metadata_.capture_file, part);
        if (zip_name_locate(archive_.get(), entry.c_str(), 0) < 0) break;
        if (auto done = read_part(entry, on_levels); !done) return tl::unexpected(done.error());
      }
      if (auto whole = check_no_part_after(part - 1); !whole) return tl::unexpected(whole.error());
    }
    if (samples_ == 0) return damaged(name_, "holds no samples");
    return samples_;
  }

 private:
  Result<Entry> open(const std::string& entry) {
    Entry opened(zip_fopen(archive_.get(), entry.c_str(), 0));
    if (opened == nullptr) return damaged(name_, fmt::format("{}: {}", entry, zip_strerror(archive_.get())));
    return opened;
  }

  Result<std::string> read_small(const std::string& entry) {
    auto opened = open(entry);
    if (!opened) return tl::unexpected(opened.error());
    std::string text(most_metadata, '\0');
    const auto size = zip_fread(opened->get(), text.data(), text.size());
    if (size < 0 || static_cast<std::size_t>(size) == text.size())
      return damaged(name_, fmt::format("{} can't be read, or is too large", entry));
    text.resize(static_cast<std::size_t>(size));
    return text;
  }

  // A part that is missing in the middle would shorten the time.
  Status check_no_part_after(zip_int64_t last) {
    const std::string prefix = metadata_.capture_file + "-";
    zip_int64_t parts = 0;
    for (zip_int64_t i = 0; i < zip_get_num_entries(archive_.get(), 0); ++i) {
      const char* entry = zip_get_name(archive_.get(), static_cast<zip_uint64_t>(i), 0);
      if (entry != nullptr && std::string_view(entry).starts_with(prefix)) ++parts;
    }
    if (parts == last) return {};
    return damaged(name_, fmt::format("{} of its {} parts of samples are there in order", last, parts));
  }

  Status read_part(const std::string& entry, const OnLevels& on_levels) {
    auto opened = open(entry);
    if (!opened) return tl::unexpected(opened.error());
    const std::size_t chunk = bytes_.size() - bytes_.size() % metadata_.unit_size;
    std::size_t waiting = 0;  // bytes of a unit that is not whole yet
    for (;;) {
      const auto size = zip_fread(opened->get(), bytes_.data() + waiting, chunk - waiting);
      if (size < 0) return damaged(name_, fmt::format("{}: {}", entry, zip_file_strerror(opened->get())));
      if (size == 0) break;
      const std::size_t there = waiting + static_cast<std::size_t>(size);
      const std::size_t whole = there - there % metadata_.unit_size;
      if (auto done = take({bytes_.data(), whole}, on_levels); !done) return done;
      waiting = there - whole;
      std::copy_n(bytes_.begin() + static_cast<std::ptrdiff_t>(whole), waiting, bytes_.begin());
    }
    if (waiting == 0) return {};
    return damaged(name_, fmt::format("{} ends within a sample", entry));
  }

  Status take(std::string_view units, const OnLevels& on_levels) {
    if (samples_ + units.size() / metadata_.unit_size >= most_samples)
      return damaged(name_, "holds more samples than can be timed");
    const std::size_t stimulus_byte = metadata_.stimulus_bit / 8;
    const std::size_t response_byte = metadata_.response_bit / 8;
    const unsigned stimulus_shift = metadata_.stimulus_bit % 8;
    const unsigned response_shift = metadata_.response_bit % 8;
    for (std::size_t at = 0; at < units.size(); at += metadata_.unit_size, ++samples_) {
      const Levels levels{
          (static_cast<unsigned char>(units[at + stimulus_byte]) >> stimulus_shift & 1U) != 0,
          (static_cast<unsigned char>(units[at + response_byte]) >> response_shift & 1U) != 0};
      if (samples_ > 0 && levels == levels_) continue;
      levels_ = levels;
      if (auto done = on_levels(samples_, levels); !done) return done;
    }
    return {};
  }

  Archive archive_;
  std::string name_;
  SessionMetadata metadata_;
  std::array<char, 65'536> bytes_{};
  std::uint64_t samples_ = 0;
  Levels levels_;
};

Result<std::unique_ptr<CaptureReader>> opened(Archive archive, const std::string& name,
                                              const ChannelNames& channels) {
  if (archive == nullptr)
    return damaged(name, "is no whole ZIP file: it was cut off or altered",
                   "copy it again, or capture again");
  auto reader = std::make_unique<SessionReader>(std::move(archive), name);
  if (auto done = reader->read_head(channels); !done) return tl::unexpected(done.error());
  return reader;
}

}  // namespace

Result<SessionMetadata> parse_session_metadata(std::string_view text, const std::string& name,
                                               const ChannelNames& channels) {
  auto keys = keys_of_device(text, name);
  if (!keys) return tl::unexpected(keys.error());
  SessionMetadata metadata;
  metadata.capture_file = value_of(*keys, "capturefile");
  metadata.samplerate_hz = samplerate_of(value_of(*keys, "samplerate")).value_or(0);
  if (metadata.samplerate_hz == 0)
    return damaged(name, "names no sample rate from 1 Hz to 1 GHz",
                   "capture with a rate: --config samplerate=…");
  metadata.unit_size = number_of(value_of(*keys, "unitsize")).value_or(0);
  if (metadata.unit_size < 1 || metadata.unit_size > 8)
    return damaged(name,
                   "its unitsize is not from 1 to 8: it was cut off before the first sample, or altered");
  for (const auto& [channel, bit] : {std::pair{&channels.stimulus, &metadata.stimulus_bit},
                                     std::pair{&channels.response, &metadata.response_bit}}) {
    auto found = bit_of(*keys, *channel, metadata.unit_size, name);
    if (!found) return tl::unexpected(found.error());
    *bit = *found;
  }
  return metadata;
}

Result<std::unique_ptr<CaptureReader>> open_session(const std::filesystem::path& path,
                                                    const ChannelNames& channels) {
  return opened(Archive(zip_open(path.c_str(), ZIP_RDONLY | ZIP_CHECKCONS, nullptr)), path.string(),
                channels);
}

Result<std::unique_ptr<CaptureReader>> open_session(std::string_view bytes, const std::string& name,
                                                    const ChannelNames& channels) {
  zip_source_t* source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, nullptr);
  if (source == nullptr) return damaged(name, "there is no memory for it");
  Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, nullptr));
  if (archive == nullptr) zip_source_free(source);  // else it is the archive's
  return opened(std::move(archive), name, channels);
}

}  // namespace loopgate
