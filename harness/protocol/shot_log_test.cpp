#include "protocol/shot_log.h"

#include <gtest/gtest.h>

#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

using Times = std::vector<std::int64_t>;

TEST(ShotLogTest, HasEachTimeAtOnce) {
  const TempFolder folder;
  const auto path = folder.path() / "shots";
  EXPECT_EQ(read_shot_log(path).value(), Times()) << "nobody has begun it";
  auto log = ShotLog::create(path);
  ASSERT_TRUE(log);
  ASSERT_TRUE(log->add(700));
  EXPECT_EQ(read_shot_log(path).value(), Times({700})) << "it is still open";
  ASSERT_TRUE(log->add(900));
  EXPECT_EQ(read_shot_log(path).value(), Times({700, 900}));
  ASSERT_TRUE(ShotLog::create(path));
  EXPECT_EQ(read_shot_log(path).value(), Times()) << "begun anew";
}

TEST(ShotLogTest, ATimeThatWasCutOffIsLeftOut) {
  const TempFolder folder;
  const auto path = folder.write("shots", std::string("\1\0\0\0\0\0\0\0\2\0\0", 11));
  EXPECT_EQ(read_shot_log(path).value(), Times({1}));
}

TEST(ShotLogTest, SaysWhereItCannotBeWritten) {
  const auto log = ShotLog::create("/nonesuch/shots");
  ASSERT_FALSE(log);
  EXPECT_NE(log.error().what.find("/nonesuch/shots"), std::string::npos);
}

}  // namespace
}  // namespace loopgate
