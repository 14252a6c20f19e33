// Which critical sections are open on one CPU, and what becomes of them. Knows nothing of QEMU.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/section_file.h"

namespace loopgate {

struct ClosedSection {
  SectionKind kind = SectionKind::interrupts_off;
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  SectionPlace opened = {};
  SectionPlace closed = {};
  std::uint32_t task = 0;  // the one on the CPU as it began
  std::uint32_t cpu = 0;   // whoever tells of it fills it in
};

struct OpenedSection {
  SectionKind kind = SectionKind::interrupts_off;
  std::int64_t at_ns = 0;
  SectionPlace place = {};
  std::uint32_t beside = 0;  // of a lock: as many that the payload wants are held by tasks that do not run
  std::uint32_t cpu = 0;     // likewise
};

// Where and on whose behalf something happens.
struct SectionMoment {
  std::int64_t at_ns = 0;
  SectionPlace place = {};
  std::uint32_t task = 0;
};

class SectionWindows {
 public:
  // Whether the kind holds from this moment on. What that closes is in closed(); a window of no length is
  // none.
  void set(SectionKind kind, bool holds, const SectionMoment& moment);

  // Where the kind holds, one window ends here and the next one begins.
  void split(SectionKind kind, const SectionMoment& moment);

  // From `until_ns` to this moment the CPU waited for an interrupt, which comes at once however long it
  // waited: what is open ended then and begins again now.
  void slept(std::int64_t until_ns, const SectionMoment& moment);

  // What was opened and closed since the last call of clear().
  const std::vector<OpenedSection>& opened() const { return opened_; }
  const std::vector<ClosedSection>& closed() const { return closed_; }
  void clear() {
    opened_.clear();
    closed_.clear();
  }

  bool is_open(SectionKind kind) const { return open_at(kind).has_value(); }
  // Of a kind that is open.
  std::int64_t open_since_ns(SectionKind kind) const { return open_at(kind)->at_ns; }

 private:
  const std::optional<SectionMoment>& open_at(SectionKind kind) const {
    return open_[static_cast<std::size_t>(kind)];
  }
  void open(SectionKind kind, const SectionMoment& moment);
  void close(SectionKind kind, std::int64_t at_ns, const SectionPlace& place);

  std::array<std::optional<SectionMoment>, section_states> open_;
  std::vector<OpenedSection> opened_;
  std::vector<ClosedSection> closed_;
};

}  // namespace loopgate
