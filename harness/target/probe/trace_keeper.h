// Keeps the pages of a trace that hold its longest stimuli, and forgets the others. Pure.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "protocol/probe_records.h"
#include "target/probe/trace_page.h"

namespace loopgate {

// Of the latest pages so many at most wait for a stimulus to end: 16 MB.
inline constexpr std::size_t recent_pages_most = 4096;

// Before a stimulus is taken, which shows what held its interrupt up.
inline constexpr std::int64_t trace_context_ns = 1'000'000;

// A page of one CPU, of which the pages are numbered.
struct NumberedPage {
  std::size_t cpu = 0;
  std::uint64_t number = 0;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::string bytes;
};

struct KeptStimulus {
  ProbeRecord record{};
  std::vector<std::shared_ptr<const NumberedPage>> pages;
  bool cut = false;  // there were more than are kept: those in the middle are left out
};

class TraceKeeper {
 public:
  // Of one stimulus so many pages are kept at most.
  explicit TraceKeeper(std::size_t pages_most) : pages_most_(pages_most) {}

  // In the order in which its CPU wrote them.
  void add(std::size_t cpu, const TracePage& page, std::string bytes);

  // The pages of its time are there. Kept where it is among the longest by its own times.
  void offer(const ProbeRecord& record);

  // No stimulus that is offered from now on was taken before.
  void forget_before(std::int64_t at_ns);

  // Longest first.
  const std::vector<KeptStimulus>& kept() const { return kept_; }

  // Of each CPU, the pages of what is kept, each once and in order. Where some are left out between two, the
  // second one says so.
  std::vector<std::string> pages() const;

 private:
  KeptStimulus cut_out(const ProbeRecord& record) const;

  std::size_t pages_most_;
  std::vector<std::uint64_t> numbers_;  // of each CPU, of its last page
  std::deque<std::shared_ptr<const NumberedPage>> recent_;
  std::int64_t dropped_ns_ = -1;  // the end of the last page that there was no room for; below 0: none
  std::vector<KeptStimulus> kept_;
};

}  // namespace loopgate
