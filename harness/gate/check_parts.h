// What checks of both time bases are made of. Pure.
#pragma once

#include <string>

#include "gate/checks.h"

namespace loopgate {

Check new_check(const Group& group, const char* rule, const std::string& quantity, const char* unit,
                double limit);

void conclude(Check* check, VerdictKind verdict, std::string why);

// "3 of 10,000 stimuli were above 100 us (1 not sent, 1 unanswered)": the evidence that every sentence begins
// with.
std::string evidence_text(const GroupData& data, std::int64_t limit_ns);

// "generic", or "the baseline".
std::string reference_name(const RatioRule& rule);

// Why the two groups' figures can't be held against each other, of which the smaller sample (in wall-clock
// time the smallest boot) has `least` stimuli; empty when they can.
std::string unresolved(const Group& group, const Group& reference, std::uint64_t least, const RatioRule& rule,
                       double confidence, Check* check);

}  // namespace loopgate
