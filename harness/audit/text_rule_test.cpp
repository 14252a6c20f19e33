#include "audit/text_rule.h"

#include <gtest/gtest.h>

namespace loopgate::text_rule_test {
namespace {

TextTest test_of(const std::string& toml) {
  TomlReader reader(TomlTable::parse_text(toml, "rules.toml").value());
  TextTest test = read_text_test(&reader);
  const auto done = reader.finish();
  EXPECT_TRUE(done) << (done ? "" : done.error().what);
  return test;
}

std::string refusal(const std::string& toml) {
  TomlReader reader(TomlTable::parse_text(toml, "rules.toml").value());
  read_text_test(&reader);
  const auto done = reader.finish();
  return done ? "accepted" : done.error().what;
}

struct Case {
  const char* toml;
  const char* text;
  Judgement judgement;
  const char* seen;
};

TEST(TextRuleTest, EachTestHoldsFailsAndSaysWhatItSaw) {
  Parameters parameters;
  parameters.set("measured_cpus", CpuSet{2, 3});
  const Case cases[] = {
      {"one_of = ['-1']", "-1\n", Judgement::good, "-1"},
      {"one_of = ['-1']", "950000\n", Judgement::attention, "950000"},
      {"contains = ['RT', 'rt']", "#1 SMP PREEMPT_RT\n", Judgement::good, "#1 SMP PREEMPT_RT"},
      {"contains = ['RT']", "#1 SMP\n", Judgement::attention, "#1 SMP"},
      {"contains = ['RT']", "a\nb\n", Judgement::attention, "no \"RT\""},
      {"lacks = ['/']", "Filename Type\n", Judgement::good, "no \"/\""},
      {"lacks = ['/']", "Filename Type\n/dev/sda2 partition\n", Judgement::attention, "/dev/sda2 partition"},
      {"chosen = ['never']", "always madvise [never]\n", Judgement::good, "never"},
      {"chosen = ['full']", "none (voluntary) full\n", Judgement::attention, "voluntary"},
      {"chosen = ['full']", "full\n", Judgement::unknown, "no word of \"full\" is in brackets"},
      {"max = 4", "4\t4\t1\t7\n", Judgement::good, "4\t4\t1\t7"},
      {"max = 4", "7 4 1 7\n", Judgement::attention, "7 4 1 7"},
      {"max = 4", "0x10\n", Judgement::attention, "0x10"},
      {"min = 10", "9\n", Judgement::attention, "9"},
      {"min = 10", "\n", Judgement::unknown, "\"\" is not a number"},
      {"bits_clear = [9, 14]", "4096\n", Judgement::good, "4096"},
      {"bits_clear = [9, 14]", "512\n", Judgement::attention, "512"},
      {"bits_clear = [9]", "G W\n", Judgement::unknown, "\"G W\" is not a number"},
      {"cpus_hold = 'measured_cpus'", "2-7\n", Judgement::good, "2-7"},
      {"cpus_hold = 'measured_cpus'", "3\n", Judgement::attention, "3"},
      {"cpus_hold = 'measured_cpus'", "(null)\n", Judgement::attention, "none"},
      {"cpus_lack = 'measured_cpus'", "0-1\n", Judgement::good, "0-1"},
      {"cpus_lack = 'measured_cpus'", "0-2\n", Judgement::attention, "0-2"},
      {"cpus_lack = 'measured_cpus'", "some\n", Judgement::unknown, "\"some\" is not a list of CPUs"},
      {"mask_lacks = 'measured_cpus'", "3\n", Judgement::good, "0-1"},
      {"mask_lacks = 'measured_cpus'", "f\n", Judgement::attention, "0-3"},
      {"mask_lacks = 'measured_cpus'", "x\n", Judgement::unknown, "\"x\" is not a list of CPUs"},
      {"cpus_hold = 'others'", "2\n", Judgement::not_applicable, "others is not given"},
      {"min_release = '6.12'", "6.12.118-rt-arm64\n", Judgement::good, "6.12.118-rt-arm64"},
      {"min_release = '6.12'", "6.9.0\n", Judgement::attention, "6.9.0"},
      {"release_below = '6.12'", "5.10.0-28-rt\n", Judgement::good, "5.10.0-28-rt"},
      {"release_below = '6.12'", "7.0-rc1\n", Judgement::attention, "7.0-rc1"},
      {"release_below = '6.12'", "next\n", Judgement::unknown, "\"next\" is not a release"},
  };
  for (const Case& one : cases) {
    const CheckOutcome outcome = try_text(test_of(one.toml), one.text, parameters);
    EXPECT_EQ(outcome.judgement, one.judgement) << one.toml << " of " << one.text;
    EXPECT_EQ(outcome.seen, one.seen) << one.toml;
  }
}

TEST(TextRuleTest, ALongLineIsNotShownWhole) {
  const std::string flags = "flags : " + std::string(200, 'x') + " hypervisor lm\n";
  EXPECT_EQ(try_text(test_of("lacks = [' hypervisor']"), flags, {}).seen, "has \"hypervisor\"");
  EXPECT_EQ(try_text(test_of("one_of = ['y']"), std::string(200, 'x'), {}).seen.size(), 72U);
}

TEST(TextRuleTest, NoTestAndTwoAreRefused) {
  EXPECT_NE(refusal("").find("or another test is missing: one_of, contains"), std::string::npos);
  EXPECT_NE(refusal("one_of = ['a']\nmax = 1").find("rules.toml:2: max and one_of are two tests"),
            std::string::npos);
}

TEST(TextRuleTest, AnOldKeyIsRefusedWithItsNewName) {
  EXPECT_NE(refusal("at_most = 1").find("at_most is now called max"), std::string::npos);
  EXPECT_NE(refusal("at_least = 1").find("at_least is now called min"), std::string::npos);
  EXPECT_NE(refusal("release_at_least = '6.12'").find("is now called min_release"), std::string::npos);
}

TEST(TextRuleTest, ValuesThatMeanNothingAreRefused) {
  EXPECT_NE(refusal("one_of = []").find("one_of is empty"), std::string::npos);
  EXPECT_NE(refusal("one_of = 'a'").find("one_of must be an array"), std::string::npos);
  EXPECT_NE(refusal("max = 'a'").find("max must be a whole number"), std::string::npos);
  EXPECT_NE(refusal("bits_clear = [63]").find("must be bits from 0 to 62"), std::string::npos);
  EXPECT_NE(refusal("release_below = 'x'").find("must be a release such as 6.12"), std::string::npos);
}

}  // namespace
}  // namespace loopgate::text_rule_test
