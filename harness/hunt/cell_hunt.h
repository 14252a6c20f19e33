// The hunt in one cell: runs are made until the host time that it may take is spent. Knows nothing of QEMU.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "hunt/lock_on_way.h"
#include "hunt/volley.h"
#include "protocol/turn_settings.h"
#include "record/hunt_file.h"

namespace loopgate {

struct HuntOrder {
  std::uint64_t seed = 0;                // of the first run: the measured cell's own
  std::uint32_t stimuli = 0;             // of the first run; no later one has more
  double budget_s = 0;                   // host time; the first run is made whatever it takes
  std::int64_t response_timeout_ns = 0;  // a stimulus is given up after it
  std::filesystem::path taught;          // where the instrument keeps what it learns from run to run
  TurnSettings turns = {};               // of the board's CPUs
};

// Name what held a stimulus back for people: a window, and a wait for a lock.
using NameSection = std::function<void(const RecordedSections&, const SectionRecord&, HuntedStimulus*)>;
using NameLock = std::function<HuntedLockWait(const RecordedSections&, const LockOnWay&)>;
struct HuntNames {
  NameSection section;
  NameLock lock;
};

// Fills in what was hunted: runs, stimuli, host_s, worst and kernel_failures. First a run whose stimuli are
// sent where windows open that promise to be long; then, of what it recorded, the windows that promise more
// than the worst so far, each hit at its first instruction in a run that is made again up to there; then the
// same with another seed. At the end the worst one is sent again, in a run that nothing records, and must
// come to the same, as must all that came before it: an infrastructure error where it does not. A kernel that
// fails ends the hunt, which is no error: its run is made again at once, and nothing records that one.
Status hunt(const HuntOrder& order, const Shoot& shoot, const HuntNames& names, HuntedCell* cell);

// Makes the runs again in which the kernel failed, and says of each whether it did again.
Status repeat_failures(const HuntOrder& order, const Shoot& shoot, HuntedCell* cell);

}  // namespace loopgate
