#include "programs/program_adapter.h"

#include <gmock/gmock.h>

#include <set>

namespace loopgate {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(ProgramAdapters, HaveAKeyEach) {
  std::set<std::string> keys;
  for (const ProgramAdapter* adapter : program_adapters()) {
    EXPECT_TRUE(keys.insert(adapter->key()).second) << adapter->key();
  }
  EXPECT_THAT(keys, ::testing::ElementsAre("cyclictest", "program", "stress_ng"));
}

TEST(OwnProgram, IsItsWholeCommandAndLeavesNoFile) {
  const ProgramAdapter& own = own_program();
  EXPECT_THAT(own.argv("sink", {"/bin/storm_sink", "--chip"}), ElementsAre("/bin/storm_sink", "--chip"));
  EXPECT_THAT(own.files("sink"), IsEmpty());
}

TEST(OwnProgram, ProvesItsRatesByTheCountsThatItPrints) {
  const ProgramAdapter& own = own_program();
  const auto found = own.parse({R"({"interrupts": 50000, "seconds": 2.0, "name": "x"})", "", 2.0});
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_FALSE(found->histogram);
  EXPECT_THAT(found->rates, UnorderedElementsAre(Pair("interrupts", 25'000.0), Pair("seconds", 1.0)));
  for (const char* printed : {"", "[]", "nothing"})
    EXPECT_THAT(own.parse({printed, "", 2.0}).error().what, HasSubstr("no JSON object"));
  for (const char* printed : {"{}", R"({"seconds": 0})", R"({"seconds": "2"})"})
    EXPECT_THAT(own.parse({printed, "", 2.0}).error().what, HasSubstr("no \"seconds\""));
}

}  // namespace
}  // namespace loopgate
