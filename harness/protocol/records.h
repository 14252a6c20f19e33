// What the inspection program leaves in memory that others read: a header, and a record a frame. The memory
// may be a file's or a device's; everything is little-endian and lies on its natural alignment.
//
// A reader takes nothing before it has seen the magic, which is written last. `latest_frame` and the frame's
// record (with done_ns = 0) are there before the valid pin rises; done_ns and `written` follow the pins.
#pragma once

#include <cstdint>

namespace loopgate {

inline constexpr std::uint64_t records_magic = 0x314452434552474cULL;  // "LGRECRD1"
inline constexpr std::uint32_t records_version = 1;

enum class Decision : std::uint32_t {
  none = 0,  // a frame of a scene that is decided with a later one
  ng = 1,
  ok = 2,
};

struct RecordsHeader {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t record_size;
  std::uint64_t capacity;      // records that there is room for, directly behind the header
  std::uint64_t written;       // records that are complete; frames beyond the capacity are not stored
  std::uint64_t latest_frame;  // 0: none yet
  // Read at the same moment, before the first frame: they tie CLOCK_MONOTONIC to the machine's counter.
  std::int64_t monotonic_ns;
  std::uint64_t counter;     // clock_pair.h
  std::uint64_t counter_hz;  // 0: not known (clock_pair.h)
};

// Times are CLOCK_MONOTONIC's.
struct FrameRecord {
  std::uint64_t frame;  // the arrival edge's number on its line, from 1
  std::uint32_t decision;
  std::uint32_t model;   // 0: the one that the program began with; n: the n-th that replaced it
  std::int64_t woke_ns;  // the edge was read
  std::int64_t captured_ns;
  std::int64_t preprocessed_ns;
  std::int64_t inferred_ns;
  std::int64_t decided_ns;
  std::int64_t done_ns;  // the pins were set; 0: not yet
};

static_assert(sizeof(RecordsHeader) == 64 && sizeof(FrameRecord) == 64);

}  // namespace loopgate
