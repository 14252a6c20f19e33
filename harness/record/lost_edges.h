// Stimuli that the payload did not answer because it never heard of them, by its own count of its line's
// edges. Chip, wire or kernel lost those, and not the payload.
#pragma once

#include <cstdint>

namespace loopgate {

struct LostEdges {
  std::uint64_t sent = 0;     // to the payload's line
  std::uint64_t arrived = 0;  // which the payload took in
  std::uint64_t no_room =
      0;  // of those the kernel knew: the payload was so late that it had no room for them
  // The bare wire's, before any payload ran: of edges there and back, as a stimulus and its answer are, those
  // that either jumper lost. Nothing on a virtual board, whose wire loses none.
  std::uint64_t bare_wire_sent = 0;
  std::uint64_t bare_wire_lost = 0;
  std::uint64_t unheard = 0;  // answers that the payload counts and the instrument did not see

  std::uint64_t lost() const { return sent - arrived - no_room + unheard; }
  LostEdges& operator+=(const LostEdges& other) {
    sent += other.sent;
    arrived += other.arrived;
    no_room += other.no_room;
    unheard += other.unheard;
    bare_wire_sent += other.bare_wire_sent;
    bare_wire_lost += other.bare_wire_lost;
    return *this;
  }
  bool operator==(const LostEdges&) const = default;
};

}  // namespace loopgate
