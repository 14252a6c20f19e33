// What is wrong with what run.json says of shards: of the one that it is, and of those that it was made of.
#pragma once

#include <string>

#include "record/run_record.h"

namespace loopgate {

// Of a shard that the plan can't have; empty where all is well, and for a whole run.
std::string shard_complaint(const RunRecord& run);

// Of a merged run: each cell is from one shard, or nobody knows which day's it is.
std::string merge_complaint(const RunRecord& run);

}  // namespace loopgate
