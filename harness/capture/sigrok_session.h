// Reads sigrok's session file, srzip version 2 (https://sigrok.org/wiki/File_format:Sigrok/v2): a ZIP file
// with `version`, `metadata` (INI) and the samples in `logic-1-1`, `logic-1-2`, …, `unitsize` bytes per
// sample, channel probeN in bit N - 1.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "capture/capture_reader.h"

namespace loopgate {

struct SessionMetadata {
  std::string capture_file;  // "logic-1"
  std::uint64_t samplerate_hz = 0;
  std::size_t unit_size = 0;  // bytes a sample
  std::size_t stimulus_bit = 0;
  std::size_t response_bit = 0;
};

Result<SessionMetadata> parse_session_metadata(std::string_view text, const std::string& name,
                                               const ChannelNames& channels);

Result<std::unique_ptr<CaptureReader>> open_session(const std::filesystem::path& path,
                                                    const ChannelNames& channels);

// The same for bytes in memory, which must outlive the reader.
Result<std::unique_ptr<CaptureReader>> open_session(std::string_view bytes, const std::string& name,
                                                    const ChannelNames& channels);

}  // namespace loopgate
