// Sums over an explained sample: where its time went, by function, by task and by call chain, and how that
// differs from another sample.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explain/sample/explained_sample.h"

namespace loopgate {

struct FunctionShare {
  std::string name;
  std::uint32_t task = 0;  // in the sample's tasks
  Phase phase = Phase::irqs_disabled;
  std::int64_t ns = 0;  // of the function's own instructions
};

struct ChainShare {
  std::vector<std::string> stack;  // outermost first
  std::uint32_t task = 0;
  Phase phase = Phase::irqs_disabled;
  std::int64_t ns = 0;
};

struct Difference {
  Phase phase = Phase::irqs_disabled;
  std::string function;
  std::int64_t here_ns = 0;
  std::int64_t there_ns = 0;
};

// On which they are, in rising order.
std::vector<std::uint16_t> cpus_of(const std::vector<Span>& spans);

// Outermost first, the function itself last.
std::vector<std::string> stack_of(const ExplainedSample& sample, std::uint32_t chain);

// Each sums to the sample's latency; largest first.
std::vector<FunctionShare> functions_of(const ExplainedSample& sample);
std::vector<ChainShare> chains_of(const ExplainedSample& sample);
std::vector<std::int64_t> ns_of_tasks(const ExplainedSample& sample);

// What is in one and not in the other, largest first; equal parts are left out.
std::vector<Difference> differences(const ExplainedSample& here, const ExplainedSample& there);

}  // namespace loopgate
