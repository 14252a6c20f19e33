// stamps.lst: the times that a payload left of each stimulus, or the loopback program of each that it sent:
// the header and records of harness/protocol/stamps.h. The format is in harness/record/README.md.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/stamps.h"

namespace loopgate {

struct StampsFile {
  StampsHeader header{};
  std::vector<Stamp> stamps;  // in the order in which they were left

  StampsOf kind() const { return static_cast<StampsOf>(header.kind); }
};

// What is returned holds together: numbers grow, and each record's times follow each other. Anything else
// (cut off, another format, a program that left nothing) is a data error that names the record.
Result<StampsFile> read_stamps(const std::filesystem::path& path);
Result<StampsFile> parse_stamps(std::string_view bytes, const std::string& name);

}  // namespace loopgate
