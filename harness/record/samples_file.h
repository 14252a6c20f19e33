// samples.lgs: every stimulus that fell due, raw. The format is in harness/record/README.md. The instrument's
// QEMU plugin links this file too, so it needs nothing but base/result.h.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_base.h"

namespace loopgate {

inline constexpr std::uint32_t sample_sent = 1;
inline constexpr std::uint32_t sample_answered = 2;
inline constexpr std::uint32_t sample_late = 4;
inline constexpr std::uint32_t sample_warm_up = 8;
inline constexpr std::uint32_t sample_self_check = 16;
inline constexpr std::uint32_t sample_unanswered = 32;
// Of a response that carries a decision.
inline constexpr std::uint32_t sample_ok = 64;  // the decision was OK, else NG
inline constexpr std::uint32_t sample_wrong = 128;
inline constexpr std::uint32_t sample_wrong_frame = 256;  // it was for another frame
inline constexpr std::uint32_t sample_unjudged = 512;     // nobody knows which of the two was true

// A record, as it stands in the file.
struct Sample {
  std::int64_t due_ns = 0;
  std::int64_t stimulus_ns = -1;  // -1: not sent
  std::int64_t response_ns = -1;  // -1: none
  std::uint32_t flags = 0;
  std::uint32_t index = 0;

  bool counted() const { return (flags & (sample_warm_up | sample_self_check)) == 0; }
  bool sent() const { return (flags & sample_sent) != 0; }
  bool answered() const { return (flags & sample_answered) != 0; }
  bool late() const { return (flags & sample_late) != 0; }
  bool unanswered() const { return (flags & sample_unanswered) != 0; }
  std::int64_t latency_ns() const { return response_ns - stimulus_ns; }
  bool operator==(const Sample&) const = default;
};
static_assert(sizeof(Sample) == 32);

struct SampleHeader {
  TimeBase time_base = TimeBase::virtual_time;
  std::uint64_t seed = 0;
  std::uint64_t records_planned = 0;
  std::int64_t deadline_ns = 0;
  bool operator==(const SampleHeader&) const = default;
};

struct SampleFile {
  SampleHeader header;
  std::vector<Sample> samples;  // samples[i].index is i; 32 bytes each, so 320 MB for ten million
};

// Streams samples out through a small buffer. Until close() the file says that it was cut off.
class SampleWriter {
 public:
  static Result<SampleWriter> create(const std::filesystem::path& path, const SampleHeader& header);
  Status append(const Sample& sample);
  // Where how many there are shows at the end alone, as in a capture.
  void set_planned(std::uint64_t records) { header_.records_planned = records; }
  Status close();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  SampleWriter(std::filesystem::path path, const SampleHeader& header, std::FILE* file)
      : path_(std::move(path)), header_(header), file_(file) {}
  Status write_header();
  Status failed(int error_number) const;

  std::filesystem::path path_;
  SampleHeader header_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::uint64_t written_ = 0;
};

// The whole file. What is returned holds together: every record is in its place, has one clear end and no
// negative latency, none was sent while another was pending, and a stimulus that was not sent has a pending
// one before it. Anything else (cut off, altered in size, another format, contradictory flags) is a data
// error that names the file and the record.
//
// `on_bytes` is called with the file's bytes in their order, so that they are hashed while they are read.
using OnBytes = std::function<void(const void* data, std::size_t size)>;
Result<SampleFile> read_samples(const std::filesystem::path& path, const OnBytes& on_bytes = {});
Result<SampleFile> parse_samples(std::string_view bytes, const std::string& name);

// Where two runs that should be equal part: "sample 17: response_ns is 120 in one and 135 in the other", or
// how the files differ otherwise; empty when they are equal.
Result<std::string> first_difference(const std::filesystem::path& one, const std::filesystem::path& other);
std::string first_difference(const SampleFile& one, const SampleFile& other);

}  // namespace loopgate
