// The arguments of a run's kernels that nothing shows the effect of: a figure of such a kernel may be that of
// the kernel without them. Pure.
#pragma once

#include <string>
#include <vector>

#include "stats/comparison.h"

namespace loopgate {

// Adds those of one more cell of the group; the first that says why is kept.
void note_unconfirmed(const std::vector<UnconfirmedArgument>& arguments, GroupEvidence* group);

// One sentence for each kernel that has any, under whatever loads: "kernel mine: not confirmed:
// rcupdate.rcu_expeditd=1: the kernel does not say whether it knows it; ..."
std::vector<std::string> unconfirmed_sentences(const Comparison& comparison);

}  // namespace loopgate
