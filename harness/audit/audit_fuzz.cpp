// libFuzzer: whatever a machine's answer holds, it is refused in one sentence, or every rule comes to a
// judgement with something to say. The first line is given, so that the rest is reached.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "audit/audit.h"
#include "audit/fact_script.h"
#include "audit/json_report.h"
#include "audit/text_report.h"

namespace {

const loopgate::Rules& rules() {
  static const loopgate::Rules read = [] {
    auto all = loopgate::read_rules(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/audit/rules.toml");
    if (!all) std::abort();
    return *all;
  }();
  return read;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string text = "loopgate facts 1\n" + std::string(reinterpret_cast<const char*>(data), size);
  const auto facts = parse_facts(text, "fuzz.facts");
  if (!facts) {
    if (facts.error().kind != ErrorKind::data || facts.error().what.empty()) std::abort();
    return 0;
  }
  const auto done = audit(rules(), *facts, {{"measured_cpus", "1-3"}});
  if (!done || done->findings.size() != rules().rules.size()) std::abort();
  for (const AuditFinding& finding : done->findings) {
    if (finding.seen.empty() && finding.judgement != Judgement::good &&
        finding.judgement != Judgement::attention)
      std::abort();
  }
  if (to_text(*done).empty() || to_json(*done).empty()) std::abort();
  return 0;
}
