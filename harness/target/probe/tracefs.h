// The kernel's own tracing (ftrace) at work: an instance of ours in tracefs, with the events that the probe
// follows, each CPU's buffer read page by page. Nothing of anybody else's tracing is touched.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "base/trace_dat.h"
#include "target/probe/trace_events.h"
#include "target/probe/trace_refusal.h"

namespace loopgate {

inline constexpr const char* tracefs_place = "/sys/kernel/tracing";

class TraceSession {
 public:
  using OnPage = std::function<void(std::size_t cpu, std::string bytes)>;

  // From here on the kernel records. `place` is where tracefs is, which is mounted where it is not
  // there.
  static tl::expected<TraceSession, TraceRefusal> start(std::size_t buffer_kb,
                                                        const std::string& place = tracefs_place);
  ~TraceSession();  // and removes the instance
  TraceSession(TraceSession&&) noexcept;
  TraceSession& operator=(TraceSession&&) = delete;

  // Hands on what is there. False when the kernel's buffer cannot be read.
  bool fetch(const OnPage& on_page);

  // Records no more; what is there stays.
  void stop();

  // Events that were overwritten or found no room.
  std::uint64_t lost() const;

  const TraceTexts& texts() const;

  // What a trace.dat has beside pages, names and whose word it is.
  TraceDatParts parts() const;

 private:
  struct Parts;
  explicit TraceSession(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

// The sum of "overrun" and "dropped events" of per_cpu/cpuN/stats.
std::uint64_t lost_events(std::string_view stats);

}  // namespace loopgate
