// Statistics made up for tests, without files.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/evaluate.h"
#include "gate/policy.h"
#include "stats/comparison.h"

namespace loopgate::testing {

// A kernel x load with one cell of these latencies (never_answered and not_sent as in recorded_run.h).
struct MadeUpGroup {
  std::string kernel;
  std::string load;
  std::vector<std::int64_t> latencies_ns;
  std::vector<UnmeasuredCell> invalid = {};
};

Comparison make_statistics(const std::vector<MadeUpGroup>& groups);

// A cell, which is a replicate (in wall-clock time a boot), for each list.
struct MadeUpReplicates {
  std::string kernel;
  std::string load;
  std::vector<std::vector<std::int64_t>> replicates;
  std::vector<UnmeasuredCell> invalid = {};
};

Comparison make_wall_statistics(const std::vector<MadeUpReplicates>& groups);
Comparison make_virtual_statistics(const std::vector<MadeUpReplicates>& groups);

inline constexpr const char* policy_head =
    "title = \"t\"\nsuite = \"irq-to-gpio\"\ntime_base = \"virtual\"\nmin_stimuli = 1\n";
inline constexpr const char* wall_policy_head =
    "title = \"t\"\nsuite = \"irq-to-gpio\"\ntime_base = \"wall\"\nmin_stimuli = 1\n";

// `rules` under a valid head. Fails the test, and gives an empty policy, when it is refused.
Policy make_policy(const std::string& rules, const std::string& head = policy_head);

// The sentence with which evaluate() refuses this, which is a usage error; "accepted" when it does not.
std::string refusal(const Comparison& run, const Policy& policy,
                    const std::optional<Baseline>& baseline = {});

// `count` latencies of which `above`, evenly among them, are 200 us and the others 20 us.
std::vector<std::int64_t> latencies_with(std::size_t count, std::size_t above);

}  // namespace loopgate::testing
