// Whether a camera's frame is older than the part that it is for.
#pragma once

#include <cstdint>
#include <optional>

namespace loopgate::inspection {

// Learns whether the camera's dates can be believed: vivid dates its frames up to 0.9 of their period ahead
// of the clock, and by such dates one that lay ready would pass for one of the part.
class FrameDates {
 public:
  // `dated_ns`: the frame's date on CLOCK_MONOTONIC, nothing where it bears none; `exposing_ns`: how long
  // before that its exposure may have begun. `now_ns`: when it was fetched; `arrived_ns`: the part; `waited`:
  // it was not ready at once. Without a date that can be believed, a frame that was ready at once counts as
  // old.
  bool is_old(std::optional<std::int64_t> dated_ns, std::int64_t exposing_ns, std::int64_t now_ns,
              std::int64_t arrived_ns, bool waited) {
    if (dated_ns && *dated_ns > now_ns) ahead_ = true;
    return dated_ns && !ahead_ ? *dated_ns - exposing_ns < arrived_ns : !waited;
  }

 private:
  bool ahead_ = false;  // once seen, of all that follow
};

}  // namespace loopgate::inspection
