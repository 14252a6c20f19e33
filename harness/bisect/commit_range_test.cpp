#include "bisect/commit_range.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using testing::ElementsAre;

std::string hash_of(char digit) { return std::string(40, digit); }

TEST(CommitRange, HasTheParentsThatAreInIt) {
  const auto range =
      parse_commit_range(hash_of('1') + " " + hash_of('0') + "\n" + hash_of('2') + " " + hash_of('0') + "\n" +
                         hash_of('3') + " " + hash_of('1') + " " + hash_of('2') + "\n");
  ASSERT_TRUE(range) << range.error().what;
  EXPECT_THAT(range->commits, ElementsAre(hash_of('1'), hash_of('2'), hash_of('3')));
  EXPECT_THAT(range->graph.parents, ElementsAre(ElementsAre(), ElementsAre(), ElementsAre(0, 1)));
}

TEST(CommitRange, WhatIsNoCommitIsRefused) {
  for (const std::string& text : {std::string("no\n"), hash_of('1') + " x\n", hash_of('1').substr(1) + "\n",
                                  hash_of('1') + "\n" + hash_of('1') + "\n", std::string("\n")})
    EXPECT_FALSE(parse_commit_range(text)) << text;
  EXPECT_TRUE(parse_commit_range("")->commits.empty());
}

}  // namespace
}  // namespace loopgate
