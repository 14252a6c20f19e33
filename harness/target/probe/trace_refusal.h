// Why a kernel cannot be traced, in one sentence with what to do about it. Pure.
#pragma once

#include <string>

namespace loopgate {

struct TraceRefusal {
  enum class Kind {
    no_tracefs,
    no_event,       // `what`: which
    other_pages,    // the ring buffer's pages, or an event, are of another form than what is known
    in_use,         // the instance of ours, by another probe
    no_room,        // for the buffers
    refused,        // `what`: the file; `error`: errno
    nothing_comes,  // the kernel takes the events and records none
  };
  Kind kind = Kind::refused;
  std::string what = {};
  int error = 0;
  std::string lockdown = {};  // /sys/kernel/security/lockdown; empty where it cannot be read
  bool is_root = true;
};

// "WHAT -> WHAT TO DO"
std::string sentence_of(const TraceRefusal& refusal);

}  // namespace loopgate
