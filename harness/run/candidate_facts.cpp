#include "run/candidate_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "audit/fact_script.h"
#include "base/file.h"

namespace loopgate {
namespace {

// The one that the kernel was fetched or built with is as good as one that is installed, since the kernel
// that runs was held against it.
void add_config(const std::filesystem::path& config, Facts* facts) {
  Reading& reading = facts->first[kernel_config];
  if (!reading.facts.empty() || config.empty()) return;
  auto text = read_file(config);
  if (text) reading.facts.push_back({config.string(), std::move(*text)});
}

}  // namespace

Result<Facts> candidate_facts(const std::string& answer, const std::string& name,
                              const std::filesystem::path& config) {
  const std::size_t begin = answer.find("loopgate facts ");
  TRY(facts, parse_facts(begin == std::string::npos ? answer : answer.substr(begin), name));
  add_config(config, &facts);
  return facts;
}

std::map<std::string, std::string> parameters_of(const Board& board, const Rules& rules) {
  constexpr const char* measured = "measured_cpus";
  const bool asked =
      std::ranges::any_of(rules.parameters, [&](const ParameterRule& rule) { return rule.name == measured; });
  if (!asked || board.measured_cpus.empty()) return {};
  return {{measured, fmt::format("{}", fmt::join(board.measured_cpus, ","))}};
}

}  // namespace loopgate
