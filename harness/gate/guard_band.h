// A limit with a guard band: what the instrument may be wrong by must not decide. As ISO 14253-1 has it, a
// limit L is kept where L less the band is, broken where L and the band is, and between them neither is
// shown.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "gate/policy.h"
#include "gate/verdict.h"

namespace loopgate {

// A check of a latency's limit, in ns. Pure: it is asked of up to two other limits than the policy's.
using JudgeAt = std::function<Check(std::int64_t limit_ns)>;

// PASS where `judge` passes the limit less the band, FAIL where it fails the limit and the band. Else
// INCONCLUSIVE, or INVALID where that is what the evidence is. The check shows the policy's own limit, and
// its `why` which one it was held against. Without a band (0) it is `judge` at the limit.
Check judge_guarded(std::int64_t limit_ns, std::int64_t guard_band_ns, const JudgeAt& judge);

// Why this band cannot stand beside these budgets: it is as large as a limit, or there is no latency's limit
// that it could be of. Empty where it can.
std::string vain_guard_band(const Policy& policy);

// What a reader of the verdict must know of it, in one sentence; empty without one.
std::string guard_band_text(std::int64_t guard_band_ns);

}  // namespace loopgate
