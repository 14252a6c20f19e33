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
    EXPECT_EQ(&adapter_of(adapter->key()), adapter);
  }
}

TEST(OwnProgram, IsItsWholeCommandAndLeavesNoFile) {
  const ProgramAdapter& own = adapter_of(own_program);
  EXPECT_THAT(own.argv("sink", {"/bin/storm_sink", "--chip"}), ElementsAre("/bin/storm_sink", "--chip"));
  EXPECT_THAT(own.files("sink"), IsEmpty());
}

TEST(OwnProgram, ProvesItsRatesByTheCountsThatItPrints) {
  const ProgramAdapter& own = adapter_of(own_program);
  const auto rates = own.parse({R"({"interrupts": 50000, "seconds": 2.0, "name": "x"})", "", 2.0});
  ASSERT_TRUE(rates) << rates.error().what;
  EXPECT_THAT(*rates, UnorderedElementsAre(Pair("interrupts", 25'000.0), Pair("seconds", 1.0)));
  for (const char* printed : {"", "[]", "nothing"})
    EXPECT_THAT(own.parse({printed, "", 2.0}).error().what, HasSubstr("no JSON object"));
  for (const char* printed : {"{}", R"({"seconds": 0})", R"({"seconds": "2"})"})
    EXPECT_THAT(own.parse({printed, "", 2.0}).error().what, HasSubstr("no \"seconds\""));
}

}  // namespace
}  // namespace loopgate
