#include "qemu/plugin/section_windows.h"

namespace loopgate {

void SectionWindows::set(SectionKind kind, bool holds, const SectionMoment& moment) {
  if (holds == is_open(kind)) return;
  if (!holds) return close(kind, moment.at_ns, moment.place);
  open(kind, moment);
}

void SectionWindows::split(SectionKind kind, const SectionMoment& moment) {
  if (!is_open(kind)) return;
  close(kind, moment.at_ns, moment.place);
  open(kind, moment);
}

void SectionWindows::slept(std::int64_t until_ns, const SectionMoment& moment) {
  for (std::uint32_t number = 0; number < section_states; ++number) {
    const auto kind = static_cast<SectionKind>(number);
    if (!is_open(kind)) continue;
    close(kind, until_ns, moment.place);
    open(kind, moment);
  }
}

void SectionWindows::open(SectionKind kind, const SectionMoment& moment) {
  open_[static_cast<std::size_t>(kind)] = moment;
  opened_.push_back({kind, moment.at_ns, moment.place});
}

void SectionWindows::close(SectionKind kind, std::int64_t at_ns, const SectionPlace& place) {
  auto& open = open_[static_cast<std::size_t>(kind)];
  if (at_ns > open->at_ns) closed_.push_back({kind, open->at_ns, at_ns, open->place, place, open->task});
  open.reset();
}

}  // namespace loopgate
