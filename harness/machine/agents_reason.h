// Why the agent gave up, by its own report.
#pragma once

#include <string>

namespace loopgate {

// "it gave no reason" where it did not, or where the report is damaged.
std::string why_agent_failed(const std::string& report);

}  // namespace loopgate
