#include "explain/sample/breakdown.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>
#include <tuple>

namespace loopgate {
namespace {

template <class Shares>
Shares largest_first(Shares shares) {
  std::stable_sort(shares.begin(), shares.end(), [](const auto& a, const auto& b) { return a.ns > b.ns; });
  return shares;
}

}  // namespace

std::vector<std::uint16_t> cpus_of(const std::vector<Span>& spans) {
  std::set<std::uint16_t> cpus;
  for (const Span& span : spans) cpus.insert(span.cpu);
  return {cpus.begin(), cpus.end()};
}

std::vector<std::string> stack_of(const ExplainedSample& sample, std::uint32_t chain) {
  std::vector<std::string> stack;
  for (; chain != 0; chain = sample.chains[chain].parent)
    stack.push_back(sample.functions[sample.chains[chain].function]);
  std::reverse(stack.begin(), stack.end());
  return stack;
}

std::vector<FunctionShare> functions_of(const ExplainedSample& sample) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, Phase>, std::int64_t> sums;
  for (const Span& span : sample.spans)
    sums[{sample.chains[span.chain].function, span.task, span.phase}] += span.end_ns - span.begin_ns;
  std::vector<FunctionShare> shares;
  for (const auto& [key, ns] : sums) {
    const auto& [function, task, phase] = key;
    if (ns > 0) shares.push_back({sample.functions[function], task, phase, ns});
  }
  return largest_first(std::move(shares));
}

std::vector<ChainShare> chains_of(const ExplainedSample& sample) {
  std::map<std::tuple<std::uint32_t, std::uint32_t, Phase>, std::int64_t> sums;
  for (const Span& span : sample.spans)
    sums[{span.chain, span.task, span.phase}] += span.end_ns - span.begin_ns;
  std::vector<ChainShare> shares;
  for (const auto& [key, ns] : sums) {
    const auto& [chain, task, phase] = key;
    if (ns > 0) shares.push_back({stack_of(sample, chain), task, phase, ns});
  }
  return largest_first(std::move(shares));
}

std::vector<std::int64_t> ns_of_tasks(const ExplainedSample& sample) {
  std::vector<std::int64_t> ns(sample.tasks.size());
  for (const Span& span : sample.spans) ns[span.task] += span.end_ns - span.begin_ns;
  return ns;
}

std::vector<Difference> differences(const ExplainedSample& here, const ExplainedSample& there) {
  std::map<std::pair<Phase, std::string>, Difference> all;
  for (const FunctionShare& share : functions_of(here)) {
    Difference& difference = all[{share.phase, share.name}];
    difference.phase = share.phase;
    difference.function = share.name;
    difference.here_ns += share.ns;
  }
  for (const FunctionShare& share : functions_of(there)) {
    Difference& difference = all[{share.phase, share.name}];
    difference.phase = share.phase;
    difference.function = share.name;
    difference.there_ns += share.ns;
  }
  std::vector<Difference> unequal;
  for (auto& [key, difference] : all) {
    if (difference.here_ns != difference.there_ns) unequal.push_back(std::move(difference));
  }
  std::stable_sort(unequal.begin(), unequal.end(), [](const Difference& a, const Difference& b) {
    return std::abs(a.here_ns - a.there_ns) > std::abs(b.here_ns - b.there_ns);
  });
  return unequal;
}

}  // namespace loopgate
