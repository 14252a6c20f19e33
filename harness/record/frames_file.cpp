#include "record/frames_file.h"

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "record/damaged_file.h"

namespace loopgate {
namespace {

std::string check_header(const RecordsHeader& header, std::size_t body) {
  if (header.magic != records_magic) return "is no file of frames (wrong magic)";
  if (header.version != records_version)
    return "has format version " + std::to_string(header.version) + ", and only 1 is known";
  if (header.record_size != sizeof(FrameRecord))
    return "has records of " + std::to_string(header.record_size) + " bytes, and version 1 has 64";
  const std::uint64_t hz = std::max<std::uint64_t>(header.counter_hz, 1);  // 0: the counter is not known
  if (header.monotonic_ns < 0 || header.monotonic_ns > time_max_ns ||
      header.counter / hz > static_cast<std::uint64_t>(time_max_ns / 1'000'000'000) ||
      header.written > header.capacity)
    return "has a damaged header";
  if (body % sizeof(FrameRecord) != 0 || body / sizeof(FrameRecord) != header.written)
    return "holds " + std::to_string(body) + " bytes of records, and its header speaks of " +
           std::to_string(header.written) + " records";
  return {};
}

std::string check_record(const FrameRecord& frame, const FrameRecord* before) {
  if (frame.frame == 0 || (before != nullptr && frame.frame < before->frame)) return "is out of order";
  if (frame.decision > static_cast<std::uint32_t>(Decision::ok))
    return "has the unknown decision " + std::to_string(frame.decision);
  const bool in_order = frame.woke_ns >= 0 && frame.done_ns <= time_max_ns &&
                        frame.captured_ns >= frame.woke_ns && frame.preprocessed_ns >= frame.captured_ns &&
                        frame.inferred_ns >= frame.preprocessed_ns && frame.decided_ns >= frame.inferred_ns &&
                        frame.done_ns >= frame.decided_ns;
  return in_order ? "" : "has stages that do not follow each other in time";
}

}  // namespace

std::string_view written_records(std::string_view memory) {
  RecordsHeader header{};
  if (memory.size() < sizeof(header)) return {};
  std::memcpy(&header, memory.data(), sizeof(header));
  if (header.magic != records_magic) return {};
  const std::uint64_t most = (memory.size() - sizeof(header)) / sizeof(FrameRecord);
  return memory.substr(0, sizeof(header) + std::min(header.written, most) * sizeof(FrameRecord));
}

Result<FramesFile> parse_frames(std::string_view bytes, const std::string& name) {
  if (bytes.empty()) return damaged(name, "is empty: the payload left no records");
  FramesFile file;
  if (bytes.size() < sizeof(file.header)) return damaged(name, "is too short for a file of frames");
  std::memcpy(&file.header, bytes.data(), sizeof(file.header));
  const std::string_view body = bytes.substr(sizeof(file.header));
  if (const std::string problem = check_header(file.header, body.size()); !problem.empty())
    return damaged(name, problem);
  file.frames.resize(body.size() / sizeof(FrameRecord));
  if (!body.empty()) std::memcpy(file.frames.data(), body.data(), body.size());
  const FrameRecord* before = nullptr;
  for (const FrameRecord& frame : file.frames) {
    if (const std::string problem = check_record(frame, before); !problem.empty())
      return damaged(name, "record " + std::to_string(&frame - file.frames.data()) + " " + problem);
    before = &frame;
  }
  return file;
}

Result<FramesFile> read_frames(const std::filesystem::path& path) {
  auto bytes = read_file(path, ErrorKind::data);
  if (!bytes) return tl::unexpected(bytes.error());
  return parse_frames(*bytes, path.string());
}

}  // namespace loopgate
