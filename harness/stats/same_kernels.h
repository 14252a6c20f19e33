// Kernels of a run that are one and the same: by their files they have different names, and no difference
// between their figures is a difference between kernels. Pure.
#pragma once

#include <string>
#include <vector>

#include "record/run_record.h"
#include "stats/comparison.h"

namespace loopgate {

// The names that share a digest, two at least in each set, in the order given. An empty digest is not known,
// and equals none.
std::vector<std::vector<std::string>> same_kernels(const std::vector<NamedInput>& kernels);

// Of the kernels that were measured under the load.
std::vector<std::vector<std::string>> same_kernels(const Comparison& comparison, const std::string& load);

// Whether both have replicates, and samples that are equal to the byte in each.
bool has_equal_samples(const GroupEvidence& one, const GroupEvidence& other);

// "kernels a, b and c are the same: equal image, arguments in effect and tuning"
std::string same_kernels_text(const std::vector<std::string>& names);

// A sentence for each set of them that were measured under the load, with "; their figures differ by chance
// alone" or "; their samples are equal to the byte".
std::vector<std::string> same_kernels_texts(const Comparison& comparison, const std::string& load);

// Whether both are known to be the same kernel, be they of one run or of two.
bool is_same_kernel(const GroupEvidence& one, const GroupEvidence& other);

// Fills in `same_kernel_as` of every group.
void note_same_kernels(Comparison* comparison);

}  // namespace loopgate
