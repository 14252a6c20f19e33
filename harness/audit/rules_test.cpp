#include "audit/rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/testing/refusal.h"

namespace loopgate::rules_test {
namespace {

using ::testing::HasSubstr;

constexpr const char* whole = R"(
[[parameter]]
name = "measured_cpus"
title = "the measured CPUs"
kind = "cpus"
value = "1"

[[machine]]
name = "processor"
paths = ["/proc/cpuinfo"]
key = "model name"

[[rule]]
name = "swap"
group = "memory"
title = "swap"
expected = "none"
why = "it waits for a disk"
change = "swapoff -a"
file = { path = "/proc/swaps", lacks = ["/"], missing = "not applicable" }

[[rule]]
name = "isolated"
group = "isolation"
title = "isolated CPUs"
expected = "the measured ones"
why = "others run there"
change = "isolcpus="
where = { config = { options = ["CONFIG_SMP"], one_of = ["y"] }, otherwise = "one CPU" }
file = { path = "/sys/isolated", cpus_hold = "measured_cpus" }
)";

std::string refusal(const std::string& text) { return refusal_of(read_rules, text); }
std::string altered_refusal(const std::string& from, const std::string& to) {
  return refusal(altered(whole, from, to));
}

// The checks of a rule, one at a time in place of the first rule's.
std::string check_refusal(const std::string& check) {
  return altered_refusal("file = { path = \"/proc/swaps\", lacks = [\"/\"], missing = \"not applicable\" }",
                         check);
}

TEST(RulesTest, AWholeFileIsRead) {
  const TempFolder folder;
  const auto rules = read_rules(folder.write("rules.toml", whole));
  ASSERT_TRUE(rules) << rules.error().what;
  ASSERT_EQ(rules->rules.size(), 2U);
  EXPECT_EQ(rules->rules[0].check.from, "/proc/swaps");
  EXPECT_EQ(rules->rules[1].where->otherwise, "one CPU");
  EXPECT_EQ(rules->sha256.size(), 64U);
  const FactRequest request = request_of(*rules);
  EXPECT_EQ(request.files.size(), 3U);
  EXPECT_EQ(request.options, std::vector<std::string>{"CONFIG_SMP"});
}

TEST(RulesTest, MissingAndUnknownKeysAreRefusedByName) {
  EXPECT_THAT(altered_refusal("why = \"it waits for a disk\"\n", ""), HasSubstr("rule[0].why is missing"));
  EXPECT_THAT(altered_refusal("title = \"swap\"", "titel = \"swap\""),
              HasSubstr("file.toml:16: rule[0].titel is an unknown key"));
  EXPECT_THAT(altered_refusal("title = \"swap\"", "title = \" \""),
              HasSubstr("file.toml:16: rule[0].title is empty"));
  EXPECT_THAT(altered_refusal("[[machine]]", "[[machines]]"), HasSubstr("machines is an unknown key"));
  EXPECT_THAT(refusal("[[parameter]]\nname='a'\ntitle='b'\nkind='cpus'\n"), HasSubstr("rule is missing"));
  EXPECT_THAT(altered_refusal("otherwise = \"one CPU\"", "other = 1"),
              HasSubstr("rule[1].where.other is an unknown key"));
}

TEST(RulesTest, ANameIsThereOnce) {
  EXPECT_THAT(altered_refusal("name = \"isolated\"", "name = \"swap\""),
              HasSubstr("file.toml:22: rule[1].name: \"swap\" is used twice"));
}

TEST(RulesTest, OneCheckAndOneTestARule) {
  EXPECT_THAT(check_refusal(""), HasSubstr("or another check is missing: file, config, argument"));
  EXPECT_THAT(check_refusal("log = { words = [\"x\"] }\nfile = { path = \"/a\", lacks = [\"b\"] }"),
              HasSubstr("rule[0].log and file are two checks"));
  EXPECT_THAT(check_refusal("file = { path = \"/a\" }"),
              HasSubstr("rule[0].file.one_of or another test is missing"));
  EXPECT_THAT(check_refusal("file = \"/a\""), HasSubstr("rule[0].file must be a table"));
}

TEST(RulesTest, AnOldKeyIsRefusedWithItsNewName) {
  EXPECT_THAT(check_refusal("rate = { path = \"/a\", rows = [\"b\"], per_second_at_most = 1 }"),
              HasSubstr("per_second_at_most is now called max_per_second"));
  EXPECT_THAT(check_refusal("idle_states = { latency_us_at_most = 1 }"),
              HasSubstr("latency_us_at_most is now called max_latency_us"));
  EXPECT_THAT(check_refusal("threads = { priority_below = \"p\", priority_at_least = 1 }"),
              HasSubstr("priority_at_least is now called min_priority"));
}

TEST(RulesTest, AFilesPathCannotRunAnything) {
  EXPECT_THAT(check_refusal("file = { path = \"/a $(reboot)\", lacks = [\"b\"] }"),
              HasSubstr("file.toml:20: rule[0].file.path must be absolute"));
  EXPECT_THAT(check_refusal("rate = { path = \"/a';b\", max_per_second = 1 }"),
              HasSubstr("rate.path must be absolute"));
  EXPECT_THAT(check_refusal("config = { options = [\"CONFIG_A|B\"], one_of = [\"y\"] }"),
              HasSubstr("must be names such as"));
  EXPECT_THAT(altered_refusal("[\"/proc/cpuinfo\"]", "[\"cpuinfo\"]"),
              HasSubstr("machine[0].paths must be plain"));
}

TEST(RulesTest, EachCheckRefusesWhatItCannotMean) {
  const std::pair<const char*, const char*> cases[] = {
      {"file = { path = \"/a\", lacks = [\"b\"], missing = \"fine\" }",
       "file.missing must be good, attention"},
      {"config = { options = [], one_of = [\"y\"] }", "config.options is empty"},
      {"argument = { names = [], present = true }", "argument.names is empty"},
      {"argument = { names = [\"a\"], present = true, one_of = [\"b\"] }",
       "argument.one_of is an unknown key"},
      {"threads = { names = [\"a\"] }", "threads.none or priority_below: give one"},
      {"threads = { none = true, priority_below = \"p\" }", "threads.none or priority_below: give one"},
      {"threads = { none = true, min_priority = 1 }", "min_priority needs priority_below"},
      {"rate = { path = \"/a\", rows = [\"b\"], column = 1, max_per_second = 1 }",
       "rate.path needs only one of"},
      {"rate = { path = \"/a\", max_per_second = -1 }", "must not be below 0"},
      {"rate = { path = \"/a\", bytes = 8, max_per_second = 1 }", "rate.bytes needs offset"},
      {"rate = { path = \"/a\", offset = 1, bytes = 3, max_per_second = 1 }", "rate.bytes must be 4 or 8"},
      {"rate = { path = \"/a\", offset = -1, max_per_second = 1 }", "rate.offset must be from 0"},
      {"log = { words = [] }", "log.words is empty"},
      {"log = { words = [\"\"] }", "must not be empty or span lines"},
      {"log = { after = \"\", cpus_hold = \"measured_cpus\" }", "must not be empty or span lines"},
      {"log = { after = \"x\" }", "another test is missing"},
      {"log = { after = \"x\", one_of = [\"y\"], words = [\"z\"] }", "words"},
      {"idle_states = { max_latency_us = -1 }", "must not be below 0"},
      {"interrupts = { except = [] }", "interrupts.away_from is missing"},
  };
  for (const auto& [check, why] : cases) EXPECT_THAT(check_refusal(check), HasSubstr(why));
}

TEST(RulesTest, AParameterIsDeclaredAndOfItsKind) {
  EXPECT_THAT(check_refusal("threads = { none = true, on_cpus = \"others\" }"),
              HasSubstr("rule swap: \"others\" is not a [[parameter]] of kind cpus"));
  EXPECT_THAT(check_refusal("threads = { priority_below = \"measured_cpus\" }"),
              HasSubstr("\"measured_cpus\" is not a [[parameter]] of kind number"));
  EXPECT_THAT(altered_refusal("kind = \"cpus\"", "kind = \"cpu\""),
              HasSubstr("parameter[0].kind must be cpus, number or names"));
  EXPECT_THAT(altered_refusal("value = \"1\"", "value = \"one\""),
              HasSubstr("parameter[0].value must be of its kind"));
}

}  // namespace
}  // namespace loopgate::rules_test
