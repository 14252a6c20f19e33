// A plan in parts, one for each of several machines: --shard 2/8. Every machine works its part out for
// itself, from the plan alone, so that equal plans give equal parts.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "run/plan.h"

namespace loopgate {

// What a cell takes: about so many ns of one core of the host, as far as the plan tells. A whole number,
// since machines of all kinds must come to the same shards.
std::int64_t expected_cost_ns(const Plan& plan, const Cell& cell);

// All shards of the plan, of about equal cost. Each cell is in one, and those that the seed chooses in two:
// one in 32, and so many that each shard shares one with another. A usage error where there are more shards
// than cells, and on a board.
Result<std::vector<Shard>> shards_of(const Plan& plan, int count);

// "2/8". A usage error for anything else, and for a shard that is none of the eight.
Result<Shard> shard_of(const Plan& plan, const std::string& text);

// The plan with the cells of its shard alone: what this machine measures.
Plan own_part(Plan plan);

}  // namespace loopgate
