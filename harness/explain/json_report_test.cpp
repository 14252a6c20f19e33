#include "explain/json_report.h"

#include <gtest/gtest.h>

namespace loopgate::json_report_test {
namespace {

using nlohmann::json;

const json phases_only = {{"format", 2},
                          {"cell", "generic.mixed"},
                          {"samples_sha256", "aa"},
                          {"explained", json::array()},
                          {"median", nullptr},
                          {"comparisons", json::array()},
                          {"distribution", {{"count", 400}}}};
const json one_sample = {{"format", 2},
                         {"cell", "generic.mixed"},
                         {"samples_sha256", "aa"},
                         {"explained", {{{"sample", 7}}}},
                         {"median", {{"sample", 9}}},
                         {"comparisons", {{{"sample", 7}}}}};

TEST(JsonReport, EachKindOfCallKeepsWhatTheOtherFound) {
  json both = one_sample;
  both["distribution"] = phases_only["distribution"];
  EXPECT_EQ(merged_with(phases_only, one_sample.dump()), both);
  EXPECT_EQ(merged_with(one_sample, phases_only.dump()), both);
}

TEST(JsonReport, HasWhatWasAskedForWhereItIsKnown) {
  Explanation explanation;
  explanation.cell = "generic.mixed";
  explanation.asked_for = {
      {"kernel", "argument", "preempt=full", AskedState::unknown, "it does not know it"}};
  EXPECT_EQ(to_json(explanation)["asked_for"],
            json::parse(R"([{"by": "kernel", "kind": "argument", "asked": "preempt=full", "became": "unknown",
                             "read_back": "it does not know it"}])"));
  explanation.why_asked_not_known = "evidence.json is of an earlier version";
  EXPECT_FALSE(to_json(explanation).contains("asked_for"));
}

TEST(JsonReport, ANewCallOfTheSameKindReplacesTheOld) {
  json other = one_sample;
  other["explained"][0]["sample"] = 8;
  EXPECT_EQ(merged_with(other, one_sample.dump()), other);
}

TEST(JsonReport, OtherSamplesAndDamagedTextAreIgnored) {
  json of_others = one_sample;
  of_others["samples_sha256"] = "bb";
  EXPECT_EQ(merged_with(phases_only, of_others.dump()), phases_only);
  json of_old_format = one_sample;
  of_old_format["format"] = 1;
  EXPECT_EQ(merged_with(phases_only, of_old_format.dump()), phases_only);
  for (const char* text : {"", "[]", "{", "{\"format\": 2}", "null"})
    EXPECT_EQ(merged_with(phases_only, text), phases_only);
}

TEST(JsonReport, WhatIsAskedAgainIsWithdrawnFirst) {
  json both = one_sample;
  both["distribution"] = phases_only["distribution"];
  EXPECT_EQ(without_asked(both.dump(), true, false), phases_only);
  EXPECT_EQ(without_asked(both.dump(), false, true), one_sample);
  EXPECT_EQ(without_asked(both.dump(), false, false), both);
  EXPECT_TRUE(without_asked(both.dump(), true, true).is_null());
  EXPECT_TRUE(without_asked(one_sample.dump(), true, false).is_null());
  for (const char* text : {"", "[]", "{", "{}"})
    EXPECT_TRUE(without_asked(text, true, false).is_null()) << text;
}

}  // namespace
}  // namespace loopgate::json_report_test
