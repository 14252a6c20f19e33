// Reads what the plugin recorded of a run's critical sections (protocol/section_file.h).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/section_file.h"

namespace loopgate {

struct RecordedSections {
  std::vector<SectionRecord> windows;  // in the order of their ends
  std::vector<SectionPlaces> places;
  std::vector<SectionTask> tasks;  // their names end in them
  std::vector<SectionChain> chains;
  std::int64_t begin_ns = 0;   // of the recording; windows that were open then began before it
  std::int64_t end_ns = 0;     // and its end
  std::uint64_t unclosed = 0;  // windows that were open at the end, and are left out
  bool preemptible = false;    // the kernel preempts its own code
  bool follows_locks = false;  // waits for locks are among the windows

  SectionKind kind_of(const SectionRecord& window) const {
    return static_cast<SectionKind>(places[window.places].kind);
  }
  // Of a lock_wait, by its number: the task that had the lock. Without a name: it is not known.
  const SectionTask& holder_of(std::size_t wait) const { return tasks[windows[wait + 1].task]; }
};

// A data error where the file is damaged, as by windows of one kind and CPU that overlap, or by a wait for a
// lock without its holder; an infrastructure error where the recorder says that it did not see everything,
// since no window of such a run is sure.
Result<RecordedSections> read_sections(std::string_view bytes);

}  // namespace loopgate
