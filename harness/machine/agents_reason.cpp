#include "machine/agents_reason.h"

#include "protocol/report.h"

namespace loopgate {

std::string why_agent_failed(const std::string& report) {
  const auto read = parse_report(report);
  return read && read->failure ? read->failure->what : "it gave no reason";
}

}  // namespace loopgate
