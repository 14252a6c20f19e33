// frames.lgf as a payload leaves it, made up for tests.
#pragma once

#include <string>

#include "record/frames_file.h"

namespace loopgate::testing {

// CLOCK_MONOTONIC stands 1,000,000 ns behind the counter (62.5 MHz, as on QEMU's Cortex-A72).
inline constexpr std::int64_t clock_offset_ns = 1'000'000;

inline RecordsHeader records_header(std::uint64_t written) {
  RecordsHeader header{};
  header.magic = records_magic;
  header.version = records_version;
  header.record_size = sizeof(FrameRecord);
  header.capacity = 1000;
  header.written = written;
  header.latest_frame = written;
  header.monotonic_ns = 0;
  header.counter = clock_offset_ns / 16;
  header.counter_hz = 62'500'000;
  return header;
}

// Woken 10 ns after `stimulus_ns`, then 20 ns each to capture, preprocess, infer and decide; done 50 ns
// later.
inline FrameRecord frame_record(std::uint64_t frame, std::int64_t stimulus_ns) {
  const std::int64_t woke_ns = stimulus_ns - clock_offset_ns + 10;
  return {frame,
          static_cast<std::uint32_t>(Decision::ok),
          0,
          woke_ns,
          woke_ns + 20,
          woke_ns + 40,
          woke_ns + 60,
          woke_ns + 80,
          woke_ns + 130};
}

inline std::string bytes_of(const FramesFile& file) {
  std::string bytes(reinterpret_cast<const char*>(&file.header), sizeof(file.header));
  bytes.append(reinterpret_cast<const char*>(file.frames.data()), file.frames.size() * sizeof(FrameRecord));
  return bytes;
}

}  // namespace loopgate::testing
