// probe.lgp: when each stimulus went by the probe in the kernel: the header and records of
// harness/protocol/probe_records.h. The format is in harness/record/README.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/probe_records.h"

namespace loopgate {

struct ProbeFile {
  ProbeHeader header{};
  std::vector<ProbeRecord> records;  // in the order of their stimuli; those that were lost are not there
  std::vector<ProbeRecord> traced;   // of those whose events trace.dat holds; longest first
  std::vector<ProbeReplacement> replacements;

  ProbeTransport transport() const { return static_cast<ProbeTransport>(header.transport); }
};

// What is returned holds together: numbers grow, and each record's times follow each other. Anything else
// (cut off, another format) is a data error that names the record.
Result<ProbeFile> parse_probe(std::string_view bytes, const std::string& name);

}  // namespace loopgate
