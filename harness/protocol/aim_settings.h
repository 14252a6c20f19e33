// When the counted stimuli of a hunt fall due, in place of the drawn times: at times that are given, or where
// the instrument sees a critical section open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace loopgate {

struct AimSettings {
  // Virtual ns, one for each counted stimulus, rising. Empty: they are drawn, or aimed.
  std::vector<std::int64_t> shots_ns;

  // On several CPUs: the timer of the stimuli ends no CPU's turn, from the first one on
  // (qemu/plugin/quiet_timer). A run that is to repeat another has it as that one had.
  bool quiet = false;

  // Where the times of the counted stimuli go as they fall due (protocol/shot_log.h); empty: nowhere.
  std::filesystem::path log;

  // Sent as a window opens that promises to be long, by what was seen of those that opened there before.
  // Needs a recorder of sections.
  bool at_sections = false;
  // What earlier runs of the same kernel taught (protocol/aim_file.h), where it is there; at the end, what
  // this one did besides.
  std::filesystem::path taught;
  std::int64_t explored_of = 2;          // one stimulus of so many goes where none was sent yet; 0: none
  bool at_chance = true;                 // half of these to a moment of chance
  std::uint64_t seed = 1;                // of what is left to chance
  std::int64_t rest_ns = 100'000;        // from a stimulus's end to the next one, at the least
  std::int64_t patience_ns = 1'500'000;  // for so long it waits for the worst, asking for less and less
  std::int64_t at_most_ns = 20'000'000;  // from one stimulus to the next, whatever opens

  bool operator==(const AimSettings&) const = default;
};

}  // namespace loopgate
