// What ends a command that measures before it is through: Ctrl-C, a closed terminal, a stop by the system.
#pragma once

#include <atomic>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// How an interrupted command is gone on with.
enum class GoOn { with_resume, by_the_same_command };

// Finished cells are on disk already, QEMU dies with its parent, and a place of labgrid's is given back by
// its guard: there is nothing else to do than to say it and to end.
void end_when_interrupted(GoOn how);

// A board is taken back to its known-good kernel first, when the cell has ended: `interrupted()` becomes
// true. Who asks twice leaves it as it is.
void stop_when_interrupted(GoOn how);
const std::atomic<bool>* interrupted();

// For a command that makes runs again, and leaves nothing half made: `interrupted()` becomes true, and QEMU
// ends and is cleared away first. Who asks twice ends it at once.
void clear_away_when_interrupted();

// The exit status of such a command; where it was interrupted, `kept` tells of what stays.
int status_after_clearing(const Status& done, std::string_view kept);

// An earlier answer is no longer this question's, unless this question was taken back by an interruption.
template <class Remove>
auto unless_interrupted(const Remove& remove) {
  return [&remove]() -> Status { return interrupted()->load() ? Status() : remove(); };
}

}  // namespace loopgate
