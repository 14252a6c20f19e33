// The times that a payload leaves of each stimulus, beside the answer on the pin: a header, and a record a
// stimulus. Everything is little-endian and lies on its natural alignment; all times are CLOCK_MONOTONIC's,
// as are the kernel's stamps of edges. The format is in harness/record/README.md.
//
// A reader takes nothing before it has seen the magic, which is written last.
#pragma once

#include <cstdint>

namespace loopgate {

inline constexpr std::uint64_t stamps_magic = 0x31504d545352474cULL;  // "LGRSTMP1"
inline constexpr std::uint32_t stamps_version = 1;

// Who left the file, and so what the three times of a record are.
enum class StampsOf : std::uint32_t {
  payload = 1,   // the edge (stamped by the kernel's hard interrupt), the program has it, its pin is set
  loopback = 2,  // before the stimulus is set, after it, the response's edge (stamped likewise; -1: none)
};

struct StampsHeader {
  std::uint64_t magic;
  std::uint32_t version;
  std::uint32_t record_size;
  std::uint64_t capacity;  // records that there is room for, directly behind the header
  std::uint64_t written;   // records that are complete; those beyond the capacity are not stored
  std::uint32_t kind;      // StampsOf
  std::uint32_t zero;
  // Read at the same moment, before the first record: they tie CLOCK_MONOTONIC to the machine's counter.
  std::int64_t monotonic_ns;
  std::uint64_t counter;     // clock_pair.h
  std::uint64_t counter_hz;  // 0: not known (clock_pair.h)
};

struct Stamp {
  std::uint64_t number;  // payload: the edge's number on its line, from 1; loopback: the sample's index
  std::int64_t first_ns;
  std::int64_t second_ns;
  std::int64_t third_ns;
};

static_assert(sizeof(StampsHeader) == 64 && sizeof(Stamp) == 32);

}  // namespace loopgate
