#include "run/board_audit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "audit/audit.h"
#include "audit/fact_script.h"
#include "audit/json_report.h"
#include "audit/text_report.h"
#include "base/file.h"

namespace loopgate {
namespace {

// The board's file knows which CPUs are measured; the rules may not ask.
std::map<std::string, std::string> given_of(const Rules& rules, const Board& board) {
  constexpr const char* measured = "measured_cpus";
  const bool asked =
      std::ranges::any_of(rules.parameters, [&](const ParameterRule& rule) { return rule.name == measured; });
  if (!asked || board.measured_cpus.empty()) return {};
  return {{measured, fmt::format("{}", fmt::join(board.measured_cpus, ","))}};
}

// A candidate is not installed on the board, so its configuration is not there either; the one that it was
// fetched with is as good, since the kernel that runs was held against it.
void add_config(const std::filesystem::path& config, Facts* facts) {
  Reading& reading = facts->first[kernel_config];
  if (!reading.facts.empty() || config.empty()) return;
  auto text = read_file(config);
  if (text) reading.facts.push_back({config.string(), std::move(*text)});
}

}  // namespace

Result<std::string> BoardAudit::after(const CellRequest& request, const Ask& ask) {
  if (!request.kernel || audited_ == request.boot) return std::string();
  const auto answer = ask(script_for(request_of(rules_)));
  if (!answer) return tl::unexpected(answer.error());
  // Whatever a login shell says before is no part of the answer.
  const std::size_t begin = answer->find("loopgate facts ");
  auto facts =
      parse_facts(begin == std::string::npos ? *answer : answer->substr(begin), board_.name + "'s facts");
  if (!facts) return tl::unexpected(facts.error());
  add_config(request.kernel->config, &*facts);
  const auto done = audit(rules_, *facts, given_of(rules_, board_));
  if (!done) return tl::unexpected(done.error());
  if (auto written = write_file_atomically(request.folder / "audit.json", to_json(*done)); !written)
    return tl::unexpected(written.error());
  audited_ = request.boot;
  return summary_of(*done);
}

}  // namespace loopgate
