// What keeps a suite, a board, a kernel and a load from going together: a sentence that says who needs what
// and who lacks it. A plan refuses the first (run/plan.h); `loopgate list --why` tells all
// (run/suite_on_board.h). Kind: usage.
#pragma once

#include <vector>

#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"
#include "config/load.h"
#include "config/suite.h"

namespace loopgate {

// The loopback program measures: what a board that is no virtual one is stimulated by, and where the suite
// says so.
bool loopback_measures(const Work& work, const Board& board);

// For each of the suite's requirements that the board does not provide.
std::vector<Error> missing_requirements(const Suite& suite, const Board& board);
Status check_requirements(const Suite& suite, const Board& board);

// Whether what measures there can do the suite's kind of work; `board` as its bench has it.
Status check_work(const Suite& suite, const Board& board);

// Those of the board; empty: any.
std::vector<int> cpus_for(LoadCpus role, const Board& board);

// A kernel that isolates CPUs isolates one that is measured, where the board says which are.
Status check_isolation(const Kernel& kernel, const Board& board);

// Whether the board has the CPUs that rules for threads name.
Status check_thread_cpus(const Kernel& kernel, const Board& board);

// The board has the CPUs that a load's parts ask for. A load's storm is raised by the instrument, or handled
// on a line of the board.
Status check_load(const Load& load, const Board& board);

// By its package's name; an image or .deb of the user's own shows when it is read.
Status check_architecture(const Kernel& kernel, const Board& board);

// The image or .deb of the user's own is there. A package is fetched when it is needed.
Status check_source(const Kernel& kernel);

}  // namespace loopgate
