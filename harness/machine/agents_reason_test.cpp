#include "machine/agents_reason.h"

#include <gtest/gtest.h>

#include "protocol/report.h"

namespace loopgate {
namespace {

TEST(AgentsReason, IsTakenFromItsReport) {
  Report report;
  EXPECT_EQ(why_agent_failed(to_json(report)), "it gave no reason");
  report.failure = Failure{"agent", "", "no devpts"};
  EXPECT_EQ(why_agent_failed(to_json(report)), "no devpts");
  for (const char* damaged : {"", "{", "[]", "{}", R"({"failure":{"what":3}})"})
    EXPECT_EQ(why_agent_failed(damaged), "it gave no reason") << damaged;
}

}  // namespace
}  // namespace loopgate
