// The pages of ftrace's ring buffer: the time of the first event, how many bytes are used, and events, each
// with the time since the one before. See "header_event" and "header_page" in trace_dat.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace loopgate {

inline constexpr std::size_t ring_page_size = 4096;
inline constexpr std::size_t ring_page_header = 16;
inline constexpr std::size_t ring_record_most = 1024;  // what a record may have

class RingBuffer {
 public:
  // In order of time; `record` has at most ring_record_most bytes.
  void add(std::uint64_t at_ns, const std::string& record);
  // All pages, each of ring_page_size.
  std::string take_pages();

 private:
  void end_page();

  std::string pages_;
  std::string data_;  // of the page that is being filled
  std::uint64_t page_ns_ = 0;
  std::uint64_t last_ns_ = 0;
};

}  // namespace loopgate
