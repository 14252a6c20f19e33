#include "bisect/step_log.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/scratch_dir.h"

namespace loopgate {
namespace {

BisectRecord beginning(const char* inputs) {
  BisectRecord record;
  record.inputs_sha256 = inputs;
  record.good.name = "good";
  return record;
}

BisectStep known_step(const char* name, std::vector<std::int64_t> changes, const char* kernel) {
  BisectStep step;
  step.name = name;
  step.changes = std::move(changes);
  step.kernel_sha256 = kernel;
  step.result = StepResult::bad;
  return step;
}

class StepLogTest : public testing::Test {
 protected:
  StepLogTest() : scratch_(*ScratchDir::create(testing::TempDir(), "step-log")) {}
  ScratchDir scratch_;
};

TEST_F(StepLogTest, GoesOnWithWhatIsKnown) {
  {
    auto log = StepLog::open(scratch_.path(), beginning("a"));
    ASSERT_TRUE(log);
    EXPECT_EQ(log->next_name(), "1");
    ASSERT_TRUE(log->add(known_step("good", {}, "k0")));
    ASSERT_TRUE(log->add(known_step("1", {0, 2}, "k1")));
  }
  const auto log = StepLog::open(scratch_.path(), beginning("a"));
  ASSERT_TRUE(log);
  EXPECT_EQ(log->next_name(), "2");
  ASSERT_NE(log->of_trial({{0, 2}, {}, {}}), nullptr);
  EXPECT_EQ(log->of_trial({{0, 2}, {}, {}})->name, "1");
  EXPECT_EQ(log->of_trial({{0, 2}, "c", {}}), nullptr);
  EXPECT_EQ(log->of_trial({{2}, {}, {}}), nullptr);
  EXPECT_EQ(log->of_kernel("k1")->name, "1");
  EXPECT_EQ(log->of_kernel(""), nullptr) << "a digest that is not known is none";
}

TEST_F(StepLogTest, AnotherBisectionIsRefused) {
  {
    auto log = StepLog::open(scratch_.path(), beginning("a"));
    ASSERT_TRUE(log->add(known_step("good", {}, "")));
  }
  const auto log = StepLog::open(scratch_.path(), beginning("b"));
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::usage);
  EXPECT_THAT(log.error().what, testing::HasSubstr("holds another bisection"));
}

TEST_F(StepLogTest, ADamagedFileIsNamed) {
  ASSERT_TRUE(write_file_atomically(scratch_.path() / bisect_file, "{}\n"));
  const auto log = StepLog::open(scratch_.path(), beginning("a"));
  ASSERT_FALSE(log);
  EXPECT_EQ(log.error().kind, ErrorKind::data);
}

}  // namespace
}  // namespace loopgate
