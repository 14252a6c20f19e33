#include "record/probe_file.h"

#include <algorithm>
#include <cstring>

#include "record/damaged_file.h"

namespace loopgate {
namespace {

std::string check_header(const ProbeHeader& header, std::size_t body) {
  if (header.magic != probe_magic) return "is no file of a probe (wrong magic)";
  if (header.version != probe_version)
    return "has format version " + std::to_string(header.version) + ", and only 1 is known";
  if (header.record_size != sizeof(ProbeRecord))
    return "has records of " + std::to_string(header.record_size) + " bytes, and version 1 has 88";
  if (header.transport != static_cast<std::uint32_t>(ProbeTransport::ring_buffer) &&
      header.transport != static_cast<std::uint32_t>(ProbeTransport::perf_buffer) &&
      header.transport != static_cast<std::uint32_t>(ProbeTransport::ftrace))
    return "came by the unknown transport " + std::to_string(header.transport);
  const bool is_trace = header.transport == static_cast<std::uint32_t>(ProbeTransport::ftrace);
  const std::uint64_t traced_most = is_trace ? std::min<std::uint64_t>(probe_traced_most, header.stimuli) : 0;
  if (header.traced > traced_most || header.written > header.stimuli || header.monotonic_ns < 0)
    return "has a damaged header";
  if (header.replaced > (is_trace ? 0 : probe_replacements_most)) return "has a damaged header";
  if (header.written > body / sizeof(ProbeRecord))
    return "holds " + std::to_string(body) + " bytes of records, and its header speaks of " +
           std::to_string(header.written + header.traced) + " records";
  const std::size_t records = header.written + header.traced;
  if (body != records * sizeof(ProbeRecord) + header.replaced * sizeof(ProbeReplacement))
    return "holds " + std::to_string(body) + " bytes of records, and its header speaks of " +
           std::to_string(records) + " records" +
           (header.replaced > 0 ? " and " + std::to_string(header.replaced) + " replacements" : "");
  return {};
}

std::string check_record(const ProbeRecord& record, const ProbeHeader& header, const ProbeRecord* before) {
  if (before != nullptr && record.number <= before->number) return "is out of order";
  if (record.number > header.stimuli) return "is of no stimulus";
  if (!can_be(record)) return "has times that do not follow each other";
  return before != nullptr && record.taken_ns < before->taken_ns ? "is of a time before the last one's" : "";
}

std::string check_replacement(const ProbeReplacement& replacement, const ProbeHeader& header,
                              const ProbeReplacement* before) {
  if (replacement.began_ns < 0 || replacement.ended_ns < replacement.began_ns) return "ends before it begins";
  if (replacement.number == 0 || replacement.number > header.stimuli || replacement.twice == 0)
    return "is of no stimulus";
  const bool follows =
      before == nullptr || (before->ended_ns <= replacement.began_ns && before->number < replacement.number);
  return follows ? "" : "is out of order";
}

// Takes so many off the beginning.
template <class Part>
std::vector<Part> take_parts(std::string_view* bytes, std::size_t count) {
  std::vector<Part> parts(count);
  if (count > 0) std::memcpy(parts.data(), bytes->data(), count * sizeof(Part));
  bytes->remove_prefix(count * sizeof(Part));
  return parts;
}

}  // namespace

Result<ProbeFile> parse_probe(std::string_view bytes, const std::string& name) {
  ProbeFile file;
  if (bytes.size() < sizeof(file.header)) return damaged(name, "is too short for a file of a probe");
  std::memcpy(&file.header, bytes.data(), sizeof(file.header));
  std::string_view body = bytes.substr(sizeof(file.header));
  if (const std::string problem = check_header(file.header, body.size()); !problem.empty())
    return damaged(name, problem);
  file.records = take_parts<ProbeRecord>(&body, file.header.written);
  file.traced = take_parts<ProbeRecord>(&body, file.header.traced);
  file.replacements = take_parts<ProbeReplacement>(&body, file.header.replaced);
  const ProbeRecord* before = nullptr;
  for (const ProbeRecord& record : file.records) {
    if (const std::string problem = check_record(record, file.header, before); !problem.empty())
      return damaged(name, "record " + std::to_string(&record - file.records.data()) + " " + problem);
    before = &record;
  }
  for (const ProbeRecord& record : file.traced)
    if (const std::string problem = check_record(record, file.header, nullptr); !problem.empty())
      return damaged(name, "the record of traced stimulus " + std::to_string(record.number) + " " + problem);
  const ProbeReplacement* earlier = nullptr;
  for (const ProbeReplacement& replacement : file.replacements) {
    if (const std::string problem = check_replacement(replacement, file.header, earlier); !problem.empty())
      return damaged(
          name, "replacement " + std::to_string(&replacement - file.replacements.data()) + " " + problem);
    earlier = &replacement;
  }
  return file;
}

}  // namespace loopgate
