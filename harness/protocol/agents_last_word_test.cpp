#include "protocol/agents_last_word.h"

#include <gmock/gmock.h>

namespace loopgate::agents_last_word_test {
namespace {

using ::testing::Eq;
using ::testing::Optional;

TEST(AgentsLastWord, IsFoundOnTheConsoleAsItWasWritten) {
  const std::string line = std::string(agents_mark) + agents_last_word("no shared memory");
  EXPECT_EQ(line, "loopgate: cannot go on: no shared memory");
  EXPECT_THAT(find_agents_last_word(line), Optional(std::string("no shared memory")));
  EXPECT_THAT(find_agents_last_word("boot\r\n" + line + "\r\nreboot: Power down\r\n"),
              Optional(std::string("no shared memory")));
  EXPECT_THAT(find_agents_last_word(line + "\r\nloopgate: cannot go on: no pins\r\n"),
              Optional(std::string("no pins")));
}

TEST(AgentsLastWord, IsNotThereWhereTheAgentSaidNone) {
  EXPECT_THAT(find_agents_last_word(""), Eq(std::nullopt));
  EXPECT_THAT(find_agents_last_word("loopgate: the agent started\r\n"), Eq(std::nullopt));
  EXPECT_THAT(find_agents_last_word("cannot go on: by another program\r\n"), Eq(std::nullopt));
}

}  // namespace
}  // namespace loopgate::agents_last_word_test
