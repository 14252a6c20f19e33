// What a hunt's instrument learned of a kernel, from one run to the next: a scratch file between one QEMU and
// another of the same host. An array of records, and nothing else.
#pragma once

#include <cstdint>

namespace loopgate {

// Where a critical section opened, and what stimuli that were sent there came to.
struct AimRecord {
  std::uint64_t kind;  // a SectionKind
  std::uint64_t address;
  std::uint64_t link;
  std::uint64_t callers;     // a digest of the return addresses behind the link
  std::int64_t delay_ns;     // from there to the stimulus
  std::int64_t above_ns[4];  // the latest latencies, above the shortest of all
  std::int64_t largest_ns;   // of these and all before them
  std::uint64_t stimuli;     // how many; at most 4 of them are above
};
static_assert(sizeof(AimRecord) == 88);

}  // namespace loopgate
