// What ends a command that measures before it is through: Ctrl-C, a closed terminal, a stop by the system.
#pragma once

#include <atomic>

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

}  // namespace loopgate
