#pragma once

#include "base/result.h"
#include "config/toml_table.h"
#include "gate/policy.h"

namespace loopgate {

// One rule of a policy, from its table. What is refused names file, table and key, and limits that cannot
// fail are refused (vain_limits.h).

Result<BudgetRule> read_budget(const TomlTable& table);

// A [[budget]] with `program`.
Result<ProgramRule> read_program_rule(const TomlTable& table);

// A [[compare]], with the kernel that it is held against, or a [[baseline]].
Result<RatioRule> read_ratio(const TomlTable& table, bool with_against);

}  // namespace loopgate
