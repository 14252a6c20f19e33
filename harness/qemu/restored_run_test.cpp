#include "qemu/restored_run.h"

#include <gmock/gmock.h>

#include <deque>

namespace loopgate::restored_run_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Error hung{ErrorKind::kernel, "the kernel hung before measuring: the agent never became ready", ""};

RestoredRun good() { return {MachineRun{}, true, true}; }
RestoredRun refused() {
  return {fail(ErrorKind::infrastructure, "QEMU failed restoring the state"), false, false};
}
RestoredRun failed(const Error& error, bool stimulated = false) {
  return {tl::unexpected(error), true, stimulated};
}

// A store whose states are numbered, and a guest that ends as is listed.
class Restored : public ::testing::Test {
 protected:
  Result<MachineRun> run(std::deque<RestoredRun> ends, bool fresh = false) {
    fresh_ = fresh;
    ends_ = std::move(ends);
    return measure_from_state(
        {[this] { return provide(); }, [this](const SavedState& state) { return end(state); },
         [this](const SavedState& state, const std::string& why) {
           discarded_.push_back(state.file.string() + ": " + why);
           return Status();
         }},
        &used_);
  }
  Result<SavedState> provide() {
    SavedState state;
    state.fresh = fresh_ || provided_ > 0;
    state.file = std::to_string(++provided_);
    return state;
  }
  RestoredRun end(const SavedState&) {
    RestoredRun next = ends_.front();
    ends_.pop_front();
    return next;
  }

  bool fresh_ = false;
  int provided_ = 0;
  std::deque<RestoredRun> ends_;
  std::vector<std::string> discarded_;
  SavedState used_;
};

TEST_F(Restored, AGoodStateIsUsedOnce) {
  const auto measured = run({good()});
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->discarded_state, "");
  EXPECT_THAT(discarded_, ElementsAre());
  EXPECT_EQ(used_.file, "1");
}

TEST_F(Restored, AFailureBeforeTheFirstStimulusBootsAfreshAndSaysWhatWasSeen) {
  const auto measured = run({failed(hung), good()});
  ASSERT_TRUE(measured);
  EXPECT_EQ(measured->discarded_state, "before the first stimulus, " + hung.what);
  EXPECT_THAT(discarded_, ElementsAre("1: before the first stimulus, " + hung.what));
  EXPECT_EQ(used_.file, "2");
}

TEST_F(Restored, TheKernelIsBlamedWhenTheFreshBootShowsItToo) {
  const auto measured = run({failed(hung), failed(hung)});
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().kind, ErrorKind::kernel);
  EXPECT_EQ(measured.error().what, hung.what + ", from a saved state and again from a fresh boot");
  EXPECT_EQ(discarded_.size(), 1U) << "once";
}

TEST_F(Restored, AFailureAfterAStimulusIsTheKernels) {
  const auto measured = run({failed(hung, true)});
  ASSERT_FALSE(measured);
  EXPECT_EQ(measured.error().what, hung.what);
  EXPECT_THAT(discarded_, ElementsAre());
}

TEST_F(Restored, AStateThatThisRunBootedGetsNoSecondTry) {
  EXPECT_FALSE(run({failed(hung)}, true));
  EXPECT_THAT(discarded_, ElementsAre());
}

TEST_F(Restored, AStateThatQemuRefusesIsMadeAnewEvenAFreshOne) {
  for (const bool fresh : {false, true}) {
    discarded_.clear();
    const auto measured = run({refused(), good()}, fresh);
    ASSERT_TRUE(measured);
    EXPECT_THAT(measured->discarded_state, HasSubstr("could not be restored: QEMU failed"));
    EXPECT_EQ(discarded_.size(), 1U);
  }
  const auto never = run({refused(), refused()});
  ASSERT_FALSE(never);
  EXPECT_EQ(never.error().what, "QEMU failed restoring the state")
      << "that is the bench's fault, and no kernel's";
}

TEST_F(Restored, TheBenchsOwnFailureIsNoStatesFault) {
  const auto killed = run({failed({ErrorKind::infrastructure, "QEMU was killed by signal 9 (Killed)", ""})});
  ASSERT_FALSE(killed);
  EXPECT_EQ(killed.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(discarded_, ElementsAre());
}

TEST_F(Restored, AUsersMistakeIsNotTriedAgain) {
  EXPECT_FALSE(run({failed({ErrorKind::usage, "the file is too large", ""})}));
  EXPECT_THAT(discarded_, ElementsAre());
}

}  // namespace
}  // namespace loopgate::restored_run_test
