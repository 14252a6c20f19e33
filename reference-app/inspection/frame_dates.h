// Whether a camera's frame is older than the part that it is for.
#pragma once

#include <cstdint>
#include <optional>

namespace loopgate::inspection {

// Learns whether the camera's dates can be believed: vivid dates its frames up to 0.9 of their period ahead
// of the clock, and by such dates one that lay ready would pass for one of the part.
class FrameDates {
 public:
  // `taken_ns`: the frame's date on CLOCK_MONOTONIC; nothing where it bears none. `now_ns`: when it was
  // fetched; `arrived_ns`: the part; `waited`: it was not ready at once. Without a date that can be believed,
  // a frame that was ready at once counts as old.
  bool is_old(std::optional<std::int64_t> taken_ns, std::int64_t now_ns, std::int64_t arrived_ns,
              bool waited) {
    if (taken_ns && *taken_ns > now_ns) ahead_ = true;
    return taken_ns && !ahead_ ? *taken_ns < arrived_ns : !waited;
  }

 private:
  bool ahead_ = false;  // once seen, of all that follow
};

}  // namespace loopgate::inspection
