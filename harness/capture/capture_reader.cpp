#include "capture/capture_reader.h"

#include <fmt/format.h>

#include <array>
#include <fstream>

#include "capture/sigrok_csv.h"
#include "capture/sigrok_session.h"

namespace loopgate {

Result<std::unique_ptr<CaptureReader>> open_capture(const std::filesystem::path& path,
                                                    const ChannelNames& channels) {
  if (channels.stimulus == channels.response)
    return fail(ErrorKind::usage,
                fmt::format("stimulus and response are both on channel {}", channels.stimulus));
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored))
    return fail(ErrorKind::usage, fmt::format("{}: there is no such file", path.string()));
  if (!std::filesystem::is_regular_file(path, ignored))  // it is read twice, and a pipe may have no end
    return fail(ErrorKind::usage, fmt::format("{}: is no regular file", path.string()),
                "write the capture into a file first");
  auto file = std::make_unique<std::ifstream>(path, std::ios::binary);
  std::array<char, 2> magic{};
  if (!file->read(magic.data(), magic.size()))
    return fail(ErrorKind::data, fmt::format("{}: is empty, or cannot be read", path.string()));
  if (magic == std::array<char, 2>{'P', 'K'}) return open_session(path, channels);
  file->seekg(0);
  return open_csv(std::move(file), path.string(), channels);
}

}  // namespace loopgate
