// What a run's critical sections come to: of each kind how many, how long, and whose.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "analysis/section_reader.h"
#include "explain/symbols.h"

namespace loopgate {

// An instruction that opened or closed a window, by its functions' names. Nothing: it was not seen.
struct PlaceName {
  std::string function;  // that of the kernel's which took a lock, say
  std::string through;   // the lock's own, where that one did it; else empty
};

// Of a lock_wait "opened" is where the task asked for the lock, "closed" where its holder took it, and the
// chain where the task left the CPU.
struct LongSection {
  std::int64_t begin_ns = 0;
  std::int64_t length_ns = 0;
  PlaceName opened;
  PlaceName closed;
  std::string task;
  std::uint64_t pid = 0;
  std::vector<std::string> chain;  // of functions, innermost first, where it closed
  // Of a lock_wait. The task that had the lock; no name: not known.
  std::string holder;
  std::uint64_t holder_pid = 0;
};

// All windows that two functions opened and closed.
struct SectionHolder {
  PlaceName opened;
  PlaceName closed;
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;
  std::int64_t max_ns = 0;
};

struct KindOfSection {
  SectionKind kind = SectionKind::interrupts_off;
  std::optional<std::uint32_t> cpu;  // whose windows alone these are, where the board has several
  std::uint64_t count = 0;
  std::int64_t total_ns = 0;
  // Nearest rank, of all windows without bins; 0 where there is none.
  std::int64_t p50_ns = 0;
  std::int64_t p99_ns = 0;
  std::int64_t p99_9_ns = 0;
  std::int64_t max_ns = 0;
  std::vector<LongSection> longest;    // ten, by falling length
  std::vector<SectionHolder> holders;  // all, by falling time
  // Lengths in ns, and how many windows were at least as long: 20 a decade.
  std::vector<std::pair<std::int64_t, std::uint64_t>> exceedance;
};

struct SectionSummary {
  std::int64_t recorded_ns = 0;  // virtual time from the first counted stimulus to the last one's end
  std::uint64_t unclosed = 0;
  // One of each of told_kinds; of each CPU, where there are several. lock_wait where locks are followed.
  std::vector<KindOfSection> kinds;
};

// What is told of a run. The runs of real-time tasks are no critical sections; the bound takes them
// (analysis/bound.h).
inline constexpr std::array told_kinds = {SectionKind::interrupts_off, SectionKind::preemption_off,
                                          SectionKind::softirqs_off, SectionKind::interrupt_handler,
                                          SectionKind::lock_wait};

// "interrupts off"
const char* name_of(SectionKind kind);
// The same with the CPU, where it is of one of several: "interrupts off, CPU 1"
std::string name_of(const KindOfSection& kind);
std::string task_name(const SectionTask& task);

// Names of places that the kernel's symbols do not have are addresses; those of user space are not told
// apart. CPUs are: what they do differs, and a window of one keeps nobody waiting on another.
SectionSummary summarize(const RecordedSections& sections, int cpus, Symbols* symbols);

}  // namespace loopgate
