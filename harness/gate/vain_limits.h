// Limits that cannot fail: who reads them in a policy believes that something is judged by them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "gate/policy.h"

namespace loopgate {

// A limit of the budget that holds wherever another one of it does, such as p99_us above max_us, in one
// sentence; empty when there is none.
std::string vain_limit(const BudgetRule& rule);

// A latency's limit that is not below the time after which a stimulus counts as unanswered, so that no answer
// exceeds it, nor the guard band above it. Empty when there is none, and where the time is not known (0).
std::string limit_beyond_timeout(const BudgetRule& rule, std::int64_t response_timeout_ns,
                                 std::int64_t guard_band_ns);

// More by the hour than half of the stimuli that are sent in it: due times are drawn evenly between the two
// distances of `interval_ns`, so that they come their mean apart (schedule/pulse_train.h). Empty when there
// is no such limit, and where the interval is not known.
std::string rate_beyond_schedule(const BudgetRule& rule, const std::vector<std::int64_t>& interval_ns);

// More late, unsent or unanswered stimuli than half of those that are planned: as a fraction, it would be no
// limit either. Empty when there is no such limit, and where it is not known how many are planned (0).
std::string count_of_most(const BudgetRule& rule, std::uint64_t planned);

// A limit of a program's latencies or of a figure of it, of that unit, that nothing exceeds which a program
// can show that is killed after so long: no time that it took is longer, it counts no more than one thing in
// a nanosecond, and no share is above 100 %. Empty where there is none, and where that time is not known (0).
std::string latency_beyond_program(const BudgetRule& latencies, std::int64_t timeout_s);
std::string figure_beyond_program(const FigureLimit& limit, const std::string& unit, std::int64_t timeout_s);

// What so few stimuli show of the others, which a policy of that min_stimuli lets pass: with none of them
// above a limit, most may be, at that confidence (share_upper_bound() of gate/confidence.h). Empty where no
// more than half may, where there are none, and where the policy asks for more.
std::string too_few_to_show(std::uint64_t stimuli, std::uint64_t min_stimuli, double confidence);

// A rule under which a kernel may grow worse than anyone would call kept. Each gives why it is refused; empty
// where it is not.
std::string vain_ratio(double max_ratio, bool of_a_baseline);
std::string vain_fraction(double max_fraction);  // of all stimuli, or of the decisions

}  // namespace loopgate
