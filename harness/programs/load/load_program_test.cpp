#include "programs/load/load_program.h"

#include <gmock/gmock.h>

#include <set>

namespace loopgate::load_program_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(LoadPrograms, HaveAKeyEach) {
  std::set<std::string> keys;
  for (const LoadProgram* program : all_load_programs()) {
    EXPECT_TRUE(keys.insert(program->key()).second) << program->key();
  }
  EXPECT_THAT(keys, ::testing::ElementsAre("cyclictest", "program", "stress_ng"));
}

TEST(OwnProgram, IsItsWholeCommandAndLeavesNoFile) {
  const LoadProgram& own = own_program();
  EXPECT_THAT(own.argv("sink", {"/bin/storm_sink", "--chip"}), ElementsAre("/bin/storm_sink", "--chip"));
  EXPECT_THAT(own.files("sink"), IsEmpty());
}

TEST(OwnProgram, ProvesItsRatesByTheCountsThatItPrints) {
  const LoadProgram& own = own_program();
  const auto found = own.parse({R"({"interrupts": 50000, "seconds": 2.0, "name": "x"})"});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_FALSE(found->histogram);
  EXPECT_THAT(found->rates, UnorderedElementsAre(Pair("interrupts", 25'000.0), Pair("seconds", 1.0)));
  for (const char* printed : {"", "[]", "nothing"})
    EXPECT_THAT(own.parse({printed}).error().what, HasSubstr("no JSON object"));
  for (const char* printed : {"{}", R"({"seconds": 0})", R"({"seconds": "2"})"})
    EXPECT_THAT(own.parse({printed}).error().what, HasSubstr("no \"seconds\""));
}

// Stimuli were sent for 0.42 s, and it says that it ran for 1 ms of them.
TEST(OwnProgram, MustHaveRunNearlyAllTheTimeThatStimuliWereSent) {
  const auto parse = [](const char* printed) {
    return own_program().parse({.printed = printed, .window_s = 0.6, .measured_s = 0.42, .lived_s = 0.7});
  };
  const auto refused = parse(R"({"n": 1, "seconds": 0.001})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
  EXPECT_EQ(refused.error().what, "it ran for 0.001 s; at least 0.378 s are required");
  EXPECT_TRUE(parse(R"({"n": 1, "seconds": 0.4})"));
  EXPECT_FALSE(parse(R"({"n": 1, "seconds": 1e-300})"));
}

TEST(OwnProgram, IsNotTakenAtItsWordWhereANumberCannotBe) {
  for (const char* printed : {R"({"n": 1e300, "seconds": 1})", R"({"n": -1, "seconds": 1})",
                              R"({"n": 9007199254740994, "seconds": 1})", R"({"n": 1, "seconds": 1e-310})",
                              R"({"n": 1e999, "seconds": 1})", R"({"n": 1, "seconds": 1e999})"}) {
    const auto found = own_program().parse({printed});
    ASSERT_FALSE(found) << printed;
    EXPECT_EQ(found.error().kind, ErrorKind::data) << printed;
  }
}

}  // namespace
}  // namespace loopgate::load_program_test
