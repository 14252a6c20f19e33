// Shared by the audit's tests: the project's own rules, and finding one finding.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "audit/audit.h"

namespace loopgate {

inline const Rules& rules() {
  static const Rules all = [] {
    auto read = read_rules(std::filesystem::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "audit" / "rules.toml");
    EXPECT_TRUE(read) << (read ? "" : read.error().what);
    return read ? *read : Rules{};
  }();
  return all;
}

inline AuditFinding finding_of(const Audit& audit, const std::string& name) {
  for (const AuditFinding& finding : audit.findings) {
    if (finding.name == name) return finding;
  }
  ADD_FAILURE() << "no finding " << name;
  return audit.findings.at(0);
}

}  // namespace loopgate
