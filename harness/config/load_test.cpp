#include "config/load.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "config/testing/refusal.h"

namespace loopgate::load_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

constexpr const char* whole = R"(title = "A load"
settle_ms = 20
[[part]]
name = "stress"
stress_ng = ["--cpu", "4"]
min_processes = 5
min_cpu_ms = 0.5
min_per_second = { cpu = 10, vm = 0.5 }
[[part]]
name = "own"
program = ["/bin/storm_sink", "{chip}"]
min_per_second = { interrupts = 20000 }
[storm]
per_second = 25000
min_handled_per_second = 20000
)";

std::string refusal(const std::string& text) { return refusal_of(read_load, text); }

TEST(Load, ReadsEveryKey) {
  const TempFolder folder;
  const auto load = read_load(folder.write("mine.toml", whole));
  ASSERT_TRUE(load) << load.error().what;
  EXPECT_EQ(load->name, "mine");
  EXPECT_EQ(load->settle_ms, 20);
  ASSERT_EQ(load->parts.size(), 2U);
  const LoadPart& stress = load->parts[0];
  EXPECT_EQ(stress.name, "stress");
  EXPECT_STREQ(stress.program->key(), "stress_ng");
  EXPECT_THAT(stress.arguments, ElementsAre("--cpu", "4"));
  EXPECT_EQ(stress.min_processes, 5);
  EXPECT_EQ(stress.min_cpu_ms, 0.5);
  EXPECT_THAT(stress.min_per_second, ElementsAre(Pair("cpu", 10.0), Pair("vm", 0.5)));
  const LoadPart& own = load->parts[1];
  EXPECT_EQ(own.program, &own_program());
  EXPECT_THAT(own.arguments, ElementsAre("/bin/storm_sink", "{chip}"));
  EXPECT_EQ(own.min_processes, 1);
  EXPECT_EQ(load->storm.per_second, 25000);
  EXPECT_EQ(load->storm.min_handled_per_second, 20000);
  EXPECT_EQ(load->sha256, sha256_of(whole));
}

TEST(Load, SaysOnWhichCpusAPartRuns) {
  const std::string before = "min_processes = 5\n";
  const TempFolder folder;
  for (const auto& [name, cpus] : {std::pair{"housekeeping", LoadCpus::housekeeping},
                                   {"measured", LoadCpus::measured},
                                   {"all", LoadCpus::all}}) {
    const auto load =
        read_load(folder.write("l.toml", altered(whole, before, before + "cpus = \"" + name + "\"\n")));
    ASSERT_TRUE(load) << load.error().what;
    EXPECT_EQ(load->parts[0].cpus, cpus);
    EXPECT_STREQ(name_of(cpus), name);
    EXPECT_EQ(load->parts[1].cpus, LoadCpus::any);
  }
  for (const char* wrong : {"\"some\"", "\"any\"", "\"\""})
    EXPECT_THAT(refusal(altered(whole, before, before + "cpus = " + wrong + "\n")),
                HasSubstr("cpus must be housekeeping, measured or all"));
}

TEST(Load, TakesTheKeyOfEveryProgram) {
  const TempFolder folder;
  for (const LoadProgram* program : all_load_programs()) {
    const auto load = read_load(
        folder.write("l.toml", std::string("title = \"t\"\n[[part]]\nname = \"p\"\n") + program->key() +
                                   " = [\"--x\"]\nmin_per_second = { cycles = 1 }\n"));
    ASSERT_TRUE(load) << load.error().what;
    EXPECT_EQ(load->parts[0].program, program);
  }
}

TEST(Load, RefusesAProgramThatNobodyKnowsByItsName) {
  EXPECT_THAT(
      refusal("title = \"t\"\n[[part]]\nname = \"p\"\nhackbench = [\"-l\"]\nmin_per_second = { x = 1 }\n"),
      HasSubstr("hackbench is an unknown key"));
}

TEST(Load, MayBeNothing) {
  const TempFolder folder;
  const auto load = read_load(folder.write("idle.toml", "title = \"nothing\"\n"));
  ASSERT_TRUE(load);
  EXPECT_TRUE(load->parts.empty());
  EXPECT_EQ(load->storm.per_second, 0);
}

TEST(Load, SaysWhatAnOldKeyIsCalledNow) {
  for (const auto& [was, now] : {std::pair{"processes_at_least", "min_processes"},
                                 {"cpu_ms_at_least", "min_cpu_ms"},
                                 {"per_second_at_least", "min_per_second"},
                                 {"handled_per_second_at_least", "min_handled_per_second"}}) {
    EXPECT_THAT(refusal(altered(whole, std::string(now) + " = ", std::string(was) + " = ")),
                HasSubstr(std::string(was) + " is now called " + now));
  }
}

TEST(Load, RefusesUnknownKeysAndTypes) {
  EXPECT_THAT(refusal("x = 1\n" + std::string(whole)), HasSubstr("file.toml:1: x is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "min_cpu_ms", "cpu_at_least")),
              HasSubstr("file.toml:7: part[0].cpu_at_least is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "per_second = 25000", "per_second = \"25000\"")),
              HasSubstr("storm.per_second must be a number"));
  EXPECT_THAT(refusal(altered(whole, "[\"--cpu\", \"4\"]", "\"--cpu 4\"")),
              HasSubstr("part[0].stress_ng must be an array"));
  EXPECT_THAT(refusal(altered(whole, "cpu = 10", "cpu = \"10\"")),
              HasSubstr("part[0].min_per_second.cpu must be a number"));
}

TEST(Load, RefusesPartsWithoutOneCommand) {
  EXPECT_THAT(refusal(altered(whole, "stress_ng = [\"--cpu\", \"4\"]\n", "")),
              HasSubstr("part[0].name needs one of program, stress_ng"));
  EXPECT_THAT(refusal(altered(whole, "stress_ng", "program = [\"x\"]\nstress_ng")),
              HasSubstr("part[0].name needs one of program, stress_ng"));
  EXPECT_THAT(refusal(altered(whole, "[\"--cpu\", \"4\"]", "[]")),
              HasSubstr("part[0].name has an empty command"));
}

TEST(Load, RefusesWhatWouldProveNothing) {
  EXPECT_THAT(refusal(altered(whole, "min_per_second = { cpu = 10, vm = 0.5 }\n", "")),
              HasSubstr("part[0].min_per_second is missing"));
  EXPECT_THAT(refusal(altered(whole, "cpu = 10", "cpu = 0")),
              HasSubstr("part[0].min_per_second.cpu must be above 0"));
  EXPECT_THAT(refusal(altered(whole, "min_handled_per_second = 20000", "min_handled_per_second = 0")),
              HasSubstr("storm.min_handled_per_second must be above 0"));
  EXPECT_THAT(refusal(altered(whole, "min_handled_per_second = 20000\n", "")),
              HasSubstr("storm.min_handled_per_second is missing"));
}

TEST(Load, RefusesAnEmptyProof) {
  EXPECT_THAT(refusal(altered(whole, "{ cpu = 10, vm = 0.5 }", "{}")), HasSubstr("part[0].min_per_second"));
}

TEST(Load, RefusesWhatIsOutOfRange) {
  for (const char* settle : {"-1", "60001", "4294967296"})
    EXPECT_THAT(refusal(altered(whole, "settle_ms = 20", std::string("settle_ms = ") + settle)),
                HasSubstr("settle_ms must be from 0 to 60000"));
  for (const char* rate : {"0", "-1", "1000001", "inf"})
    EXPECT_THAT(refusal(altered(whole, "per_second = 25000", std::string("per_second = ") + rate)),
                HasSubstr("storm.per_second must be above 0"));
}

// No comparison with NaN is true, a range check's least of all.
TEST(Load, RefusesWhatIsNoNumber) {
  EXPECT_THAT(refusal(altered(whole, "per_second = 25000", "per_second = nan")),
              HasSubstr("storm.per_second"));
  EXPECT_THAT(refusal(altered(whole, "cpu = 10", "cpu = nan")), HasSubstr("part[0].min_per_second.cpu"));
}

TEST(Load, RefusesAProcessCountThatCannotBe) {
  for (const char* count : {"0", "-1", "4294967297"})
    EXPECT_THAT(refusal(altered(whole, "min_processes = 5", std::string("min_processes = ") + count)),
                HasSubstr("part[0].min_processes"))
        << count;
}

// The first one's proof would count for both.
TEST(Load, RefusesTwoPartsOfOneName) {
  EXPECT_THAT(refusal(altered(whole, "name = \"own\"", "name = \"stress\"")), HasSubstr("part[1].name"));
}

}  // namespace
}  // namespace loopgate::load_test
