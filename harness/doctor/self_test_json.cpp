// What a self-test comes to, and its file.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "doctor/planted_faults.h"

namespace loopgate {

bool SelfTestCheck::passed() const {
  return exit == expected_exit && said.find(must_name) != std::string::npos;
}

bool SelfTest::passed() const {
  return !checks.empty() && std::ranges::all_of(checks, &SelfTestCheck::passed);
}

std::string to_json(const SelfTest& test, const LoopgateVersion& loopgate) {
  nlohmann::json checks = nlohmann::json::array();
  for (const SelfTestCheck& check : test.checks)
    checks.push_back({{"name", check.name},
                      {"planted", check.planted},
                      {"expected_exit", check.expected_exit},
                      {"must_name", check.must_name},
                      {"exit", check.exit},
                      {"said", check.said},
                      {"passed", check.passed()}});
  const nlohmann::json document = {{"format", 1},
                                   {"loopgate", {{"version", loopgate.version}, {"commit", loopgate.commit}}},
                                   {"run", test.run},
                                   {"evidence_sha256", test.evidence_sha256},
                                   {"suite", test.suite},
                                   {"board", test.board},
                                   {"time_base", test.time_base},
                                   {"passed", test.passed()},
                                   {"checks", std::move(checks)}};
  return document.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace loopgate
