#include "explain/document.h"

#include <gtest/gtest.h>

namespace loopgate {
namespace {

using nlohmann::json;

const json looked_at_all = {{"format", 1},
                            {"cell", "generic.mixed"},
                            {"samples_sha256", "aa"},
                            {"explained", json::array()},
                            {"median", nullptr},
                            {"comparisons", json::array()},
                            {"distribution", {{"count", 400}}}};
const json looked_at_one = {{"format", 1},
                            {"cell", "generic.mixed"},
                            {"samples_sha256", "aa"},
                            {"explained", {{{"sample", 7}}}},
                            {"median", {{"sample", 9}}},
                            {"comparisons", {{{"sample", 7}}}}};

TEST(Document, EachKindOfLookKeepsWhatTheOtherFound) {
  json both = looked_at_one;
  both["distribution"] = looked_at_all["distribution"];
  EXPECT_EQ(with_kept(looked_at_all, looked_at_one.dump()), both);
  EXPECT_EQ(with_kept(looked_at_one, looked_at_all.dump()), both);
}

TEST(Document, ANewLookOfTheSameKindTakesTheOldOnesPlace) {
  json other = looked_at_one;
  other["explained"][0]["sample"] = 8;
  EXPECT_EQ(with_kept(other, looked_at_one.dump()), other);
}

TEST(Document, NothingIsKeptOfOtherSamplesOrOfWhatIsNoDocument) {
  json of_others = looked_at_one;
  of_others["samples_sha256"] = "bb";
  EXPECT_EQ(with_kept(looked_at_all, of_others.dump()), looked_at_all);
  for (const char* text : {"", "[]", "{", "{\"format\": 1}", "null"})
    EXPECT_EQ(with_kept(looked_at_all, text), looked_at_all);
}

}  // namespace
}  // namespace loopgate
