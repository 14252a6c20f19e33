// frames.lgf: what the payload said of each frame, as it left it in the shared memory: the header and records
// of harness/protocol/records.h. The format is in harness/record/README.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/records.h"

namespace loopgate {

struct FramesFile {
  RecordsHeader header{};
  std::vector<FrameRecord> frames;  // in the order in which they were taken
};

// What is returned holds together: each record's times follow each other, and frames' numbers grow. Anything
// else (cut off, another format, a payload that left nothing) is a data error that names the record.
// Of the memory that a payload wrote its records into: the header and the records that are complete. Empty
// where it left none.
std::string_view written_records(std::string_view memory);

Result<FramesFile> read_frames(const std::filesystem::path& path);
Result<FramesFile> parse_frames(std::string_view bytes, const std::string& name);

}  // namespace loopgate
