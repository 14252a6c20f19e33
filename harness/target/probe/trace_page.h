// A page of ftrace's ring buffer, as per_cpu/cpuN/trace_pipe_raw gives it: the time of its first event, how
// much of it is used, and events, each with the time since the one before (events/header_page, header_event).
// Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

inline constexpr std::size_t trace_page_head = 16;

struct PageEvent {
  std::int64_t at_ns = 0;
  std::string_view bytes;  // of the page
};

struct TracePage {
  std::int64_t begin_ns = 0;
  bool follows_loss = false;  // the kernel overwrote what was before
  std::vector<PageEvent> events;

  std::int64_t end_ns() const { return events.empty() ? begin_ns : events.back().at_ns; }
};

// Nothing for bytes that are no page.
std::optional<TracePage> parse_page(std::string_view bytes);

// So that who reads the page is told that something is missing before it.
void mark_loss(std::string* page);

}  // namespace loopgate
