#include "run/candidate_facts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "audit/fact_script.h"
#include "base/file.h"

namespace loopgate {
namespace {

// The one that came with the image, of a package or a build, is as good as one that is installed. One that
// somebody named beside an image of their own was held against nothing that runs.
void add_config(const KernelFiles& kernel, Facts* facts) {
  Reading& reading = facts->first[kernel_config];
  const bool came_with_it = !kernel.provenance.package.empty() || !kernel.build.config_sha256.empty();
  if (!reading.facts.empty() || kernel.config.empty() || !came_with_it) return;
  auto text = read_file(kernel.config);
  if (text) reading.facts.push_back({kernel.config.string(), std::move(*text)});
}

}  // namespace

Result<Facts> candidate_facts(const std::string& answer, const std::string& name, const KernelFiles& kernel) {
  const std::size_t begin = answer.find("loopgate facts ");
  TRY(facts, parse_facts(begin == std::string::npos ? answer : answer.substr(begin), name));
  add_config(kernel, &facts);
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
