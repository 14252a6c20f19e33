// What a payload says of the work behind its decisions: CPU time by thread, and the bytes that its stages
// read and write, computed from sizes. It stands in outcome.json.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

// Sums of these stay exact.
inline constexpr std::uint64_t payload_amount_max = std::uint64_t{1} << 48U;

struct NamedAmount {
  std::string name;
  std::uint64_t amount = 0;
  bool operator==(const NamedAmount&) const = default;
};

// Sums over all decisions.
struct PayloadWork {
  std::uint64_t decisions = 0;      // those of the warm-up and any that no stimulus waited for among them
  std::vector<NamedAmount> cpu_ns;  // by thread
  std::vector<NamedAmount> computed_bytes;  // by stage; not measured by a counter
  bool shares_cpu = false;                  // its threads have one CPU
  bool operator==(const PayloadWork&) const = default;
};

// What the payload printed when it ended. Nothing where it says nothing of its work, or decided nothing; a
// data error where that cannot be read.
Result<std::optional<PayloadWork>> payload_work_in(const nlohmann::json& printed);

// Adds another cell's, of the same payload.
void pool(const PayloadWork& other, PayloadWork* into);

}  // namespace loopgate
