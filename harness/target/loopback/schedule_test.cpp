#include "target/loopback/schedule.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "protocol/part_truth.h"
#include "target/loopback/testing/fake_board.h"

namespace loopgate::schedule_test {
namespace {

using ::testing::HasSubstr;

class Scheduled : public ::testing::Test {
 protected:
  Scheduled() {
    pulses_.seed = 3;
    pulses_.self_checks = 0;
    pulses_.warm_up = 2;
    pulses_.counted = 20;
  }
  std::string run() {
    Schedule schedule(pulses_, 8, &board_, ring_.get(), &writer_failed_);
    const std::string problem = schedule.run();
    spurious_ = schedule.spurious();
    for (Handed handed; ring_->pop(&handed);) handed_.push_back(handed);
    return problem;
  }
  // What the reader of the file says of the samples, with eight self-checks before them.
  std::string refused() const {
    std::vector<Sample> all;
    for (std::uint32_t i = 0; i < 8; ++i)
      all.push_back({i * 10, i * 10, i * 10 + 5, sample_sent | sample_answered | sample_self_check, i});
    for (const Handed& handed : handed_) all.push_back(handed.sample);
    std::string bytes(64, '\0');
    const std::uint32_t sizes[] = {1, 64, 32, 2};
    const std::uint64_t counts[] = {pulses_.seed, all.size(), all.size()};
    std::memcpy(bytes.data(), "LOOPGATE", 8);
    std::memcpy(bytes.data() + 8, sizes, sizeof(sizes));
    std::memcpy(bytes.data() + 24, counts, sizeof(counts));
    std::memcpy(bytes.data() + 48, &pulses_.deadline_ns, 8);
    bytes.append(reinterpret_cast<const char*>(all.data()), all.size() * sizeof(Sample));
    const auto file = parse_samples(bytes, "made.lgs");
    return file ? "" : file.error().what;
  }

  PulseSettings pulses_;
  FakeBoard board_;
  std::unique_ptr<HandedRing> ring_ = std::make_unique<HandedRing>();
  std::atomic<bool> writer_failed_{false};
  std::vector<Handed> handed_;
  std::uint64_t spurious_ = 0;
};

TEST_F(Scheduled, EachStimulusIsSentAtItsDueTimeAndAnswered) {
  EXPECT_EQ(run(), "");
  ASSERT_EQ(handed_.size(), 22U);
  EXPECT_EQ(refused(), "");
  DueTimes due_times(pulses_, 5'000'000 + 1'000'000);
  for (std::size_t i = 0; i < handed_.size(); ++i) {
    const Sample& sample = handed_[i].sample;
    EXPECT_EQ(sample.index, i + 8);
    EXPECT_EQ(sample.due_ns, due_times.next());
    EXPECT_EQ(sample.stimulus_ns, board_.sent[i]);
    EXPECT_EQ(sample.stimulus_ns - sample.due_ns, board_.wakes_after_ns);
    EXPECT_EQ(handed_[i].after_ns - sample.stimulus_ns, board_.set_takes_ns);
    EXPECT_EQ(sample.latency_ns(), 20'000);
    EXPECT_EQ((sample.flags & sample_warm_up) != 0, i < 2);
  }
  EXPECT_EQ(spurious_, 0U);
}

TEST_F(Scheduled, WhatFallsDueBehindALateAnswerIsNotSent) {
  board_.answer = [](std::size_t i) { return FakeBoard::Answer{i == 5 ? 4'000'000 : 20'000, 0}; };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  const Sample& late = handed_[5].sample;
  EXPECT_TRUE(late.late());
  EXPECT_EQ(late.latency_ns(), 4'000'000);
  std::size_t not_sent = 0;
  for (const Handed& handed : handed_) {
    const Sample& sample = handed.sample;
    EXPECT_EQ(!sample.sent(), sample.due_ns > late.due_ns && sample.due_ns < late.response_ns)
        << sample.index;
    EXPECT_EQ(handed.after_ns == -1, !sample.sent());
    if (!sample.sent()) ++not_sent;
  }
  EXPECT_GE(not_sent, 2U);
  EXPECT_EQ(board_.sent.size() + not_sent, 22U);
}

// The answer is there, but the kernel's thread that hands its stamp over does not get to run until later: the
// next one was free to be sent when it fell due, so it is sent late, and not called "not sent".
TEST_F(Scheduled, AStampThatIsReadLateDoesNotMakeTheNextOneNotSent) {
  board_.answer = [](std::size_t i) { return FakeBoard::Answer{20'000, i == 5 ? 3'000'000 : 0}; };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_EQ(handed_[5].sample.latency_ns(), 20'000);
  EXPECT_TRUE(handed_[6].sample.sent());
  EXPECT_GT(handed_[6].sample.stimulus_ns - handed_[6].sample.due_ns, 1'000'000);
  EXPECT_EQ(handed_[6].sample.latency_ns(), 20'000);
  EXPECT_EQ(handed_.size(), 22U);
}

TEST_F(Scheduled, OneWithoutAnAnswerIsGivenUpAtItsLimit) {
  pulses_.response_timeout_ns = 5'000'000;
  board_.answer = [](std::size_t i) -> std::optional<FakeBoard::Answer> {
    if (i == 4) return std::nullopt;
    return FakeBoard::Answer{20'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_TRUE(handed_[4].sample.unanswered());
  EXPECT_FALSE(handed_[5].sample.sent());
  EXPECT_EQ(handed_.size(), 22U);
}

TEST_F(Scheduled, TheLastOneIsWaitedFor) {
  board_.answer = [](std::size_t i) { return FakeBoard::Answer{i == 21 ? 900'000'000 : 20'000, 0}; };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(handed_.back().sample.latency_ns(), 900'000'000);
}

TEST_F(Scheduled, NothingAtAllAnswersAndItStillEnds) {
  pulses_.response_timeout_ns = 2'000'000;
  board_.answer = [](std::size_t) { return std::nullopt; };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_EQ(handed_.size(), 22U);
  for (const Handed& handed : handed_) EXPECT_FALSE(handed.sample.answered());
}

TEST_F(Scheduled, AnAnswerToOneThatWasGivenUpBelongsToNone) {
  pulses_.response_timeout_ns = 2'000'000;
  // Stamped after the limit, and read only when the next one is on its way.
  board_.answer = [](std::size_t i) {
    return i == 4 ? FakeBoard::Answer{2'050'000, 1'800'000} : FakeBoard::Answer{500'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_TRUE(handed_[4].sample.unanswered());
  EXPECT_EQ(spurious_, 1U);
}

TEST_F(Scheduled, AnEdgeThatNobodyAskedForIsCounted) {
  board_.add_edge(5'000'100, 0);
  EXPECT_EQ(run(), "");
  EXPECT_EQ(spurious_, 1U);
  EXPECT_EQ(handed_.size(), 22U);
}

// ---- Decisions ----

class Decided : public Scheduled {
 protected:
  Decided() {
    pulses_.decisions = true;
    pulses_.interval_min_ns = 48'000'000;
    pulses_.interval_max_ns = 52'000'000;
    pulses_.response_timeout_ns = 45'000'000;
    board_.answer = [](std::size_t) { return FakeBoard::Answer{5'000'000, 0}; };
    board_.verdict = [this](std::size_t edges) { return truth(edges); };
  }
  // What a payload says that is always right; frames are numbered from 1.
  SeenDecision truth(std::size_t edges) const {
    const std::uint64_t part = (edges - 1) / pulses_.frames;
    return {part_is_good(pulses_.seed, part), edges};
  }
  std::size_t how_many(std::uint32_t flag) const {
    return static_cast<std::size_t>(std::ranges::count_if(
        handed_, [flag](const Handed& handed) { return (handed.sample.flags & flag) != 0; }));
  }
};

TEST_F(Decided, EachIsJudgedByThePartItIsFor) {
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  ASSERT_EQ(handed_.size(), 22U);
  EXPECT_EQ(how_many(sample_wrong | sample_wrong_frame), 0U);
  for (std::size_t i = 0; i < handed_.size(); ++i) {
    EXPECT_EQ((handed_[i].sample.flags & sample_ok) != 0, part_is_good(pulses_.seed, i)) << i;
    EXPECT_EQ(handed_[i].sample.latency_ns(), 5'000'000);
  }
}

TEST_F(Decided, AVerdictThatIsWrongIsCountedAsWrong) {
  board_.verdict = [this](std::size_t edges) {
    const SeenDecision right = truth(edges);
    return SeenDecision{edges % 2 == 0 ? right.ok : !right.ok, right.frame};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(how_many(sample_wrong), 11U);
  EXPECT_EQ(how_many(sample_wrong_frame), 0U);
}

TEST_F(Decided, OneForTheFrameBeforeIsNeitherRightNorWrong) {
  board_.verdict = [this](std::size_t edges) { return SeenDecision{truth(edges).ok, edges - 1}; };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(how_many(sample_wrong), 0U);
  EXPECT_EQ(how_many(sample_wrong_frame), 22U);
}

// The verdict stands until the next stimulus: it is read when the response comes, and not only before that.
TEST_F(Decided, TheVerdictIsReadWhenTheResponseComes) {
  std::vector<std::int64_t> read_at_ns;
  board_.verdict = [&](std::size_t edges) {
    read_at_ns.push_back(board_.now_ns());
    return truth(edges);
  };
  EXPECT_EQ(run(), "");
  ASSERT_EQ(read_at_ns.size(), handed_.size());
  for (std::size_t i = 0; i < handed_.size(); ++i) EXPECT_EQ(read_at_ns[i], handed_[i].sample.response_ns);
}

// The kernel hands both over at once, late: the first came while the payload was at the frame before.
TEST_F(Decided, OfTwoResponsesAtOnceOnlyTheLastOnesVerdictStands) {
  board_.answer = [this](std::size_t i) {
    if (i == 5) board_.add_edge(board_.sent[5] + 1'000'000, 5'000'000);
    return FakeBoard::Answer{5'000'000, 1'000'000};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_EQ(handed_[5].sample.latency_ns(), 1'000'000);
  EXPECT_EQ(how_many(sample_wrong_frame), 1U);
  EXPECT_NE(handed_[5].sample.flags & sample_wrong_frame, 0U);
  EXPECT_EQ(spurious_, 1U);
}

TEST_F(Decided, WithoutAnAnswerTheNextPartIsStillItsOwn) {
  pulses_.response_timeout_ns = 20'000'000;
  board_.answer = [](std::size_t i) -> std::optional<FakeBoard::Answer> {
    if (i == 4) return std::nullopt;
    return FakeBoard::Answer{5'000'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_TRUE(handed_[4].sample.unanswered());
  EXPECT_TRUE(handed_[5].sample.answered());
  EXPECT_EQ(how_many(sample_wrong | sample_wrong_frame), 0U);
}

class Scenes : public Decided {
 protected:
  Scenes() {
    pulses_.frames = 3;
    pulses_.frame_interval_ns = 15'000'000;
    // The third frame of each is answered.
    board_.answer = [](std::size_t i) -> std::optional<FakeBoard::Answer> {
      if (i % 3 != 2) return std::nullopt;
      return FakeBoard::Answer{5'000'000, 0};
    };
  }
};

TEST_F(Scenes, HaveAllTheirFramesInTime) {
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  ASSERT_EQ(board_.sent.size(), 66U);
  for (std::size_t i = 0; i < handed_.size(); ++i) {
    const Sample& sample = handed_[i].sample;
    EXPECT_EQ(sample.stimulus_ns, board_.sent[3 * i]);
    EXPECT_GE(board_.sent[3 * i + 1], sample.stimulus_ns + 15'000'000);
    EXPECT_GE(board_.sent[3 * i + 2], sample.stimulus_ns + 30'000'000);
    EXPECT_LT(sample.latency_ns(), 35'100'000);
  }
  EXPECT_EQ(how_many(sample_wrong | sample_wrong_frame), 0U);
}

// The program does not get to run for 50 ms in the middle of a scene: no two edges come at once then.
TEST_F(Scenes, WhatIsSentLateKeepsItsDistance) {
  board_.wakes_after_ns = 3'000;
  board_.answer = [this](std::size_t i) -> std::optional<FakeBoard::Answer> {
    if (i == 9) board_.stall(50'000'000);
    if (i % 3 != 2) return std::nullopt;
    return FakeBoard::Answer{5'000'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  for (std::size_t i = 1; i < board_.sent.size(); ++i)
    EXPECT_GE(board_.sent[i] - board_.sent[i - 1], 15'000'000) << i;
  EXPECT_EQ(how_many(sample_wrong | sample_wrong_frame), 0U);
}

// It is in the latency, which counts from the first.
TEST_F(Scenes, WhatIsSentLateIsTold) {
  board_.answer = [this](std::size_t i) -> std::optional<FakeBoard::Answer> {
    if (i == 9) board_.stall(4'000'000);
    if (i % 3 != 2) return std::nullopt;
    return FakeBoard::Answer{5'000'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  for (std::size_t i = 0; i < handed_.size(); ++i)
    EXPECT_NEAR(static_cast<double>(handed_[i].scene_late_ns), i == 3 ? 4e6 : 0, 20'000) << i;
  EXPECT_GE(handed_[3].sample.latency_ns(), 39'000'000);
}

// The numbers stay in step although the scene is over.
TEST_F(Scenes, OneThatIsDecidedTooEarlyStillHasItsOtherFrames) {
  board_.answer = [](std::size_t i) -> std::optional<FakeBoard::Answer> {
    if (i == 9) return FakeBoard::Answer{5'000'000, 0};
    if (i % 3 != 2 || i == 11) return std::nullopt;
    return FakeBoard::Answer{5'000'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(board_.sent.size(), 66U);
  EXPECT_EQ(how_many(sample_wrong_frame), 1U);
  EXPECT_NE(handed_[3].sample.flags & sample_wrong_frame, 0U);
  EXPECT_EQ(how_many(sample_wrong), 0U);
}

// ---- Back to back ----

class BackToBack : public Decided {
 protected:
  BackToBack() {
    pulses_.back_to_back = true;
    pulses_.interval_min_ns = 100'000;
    pulses_.interval_max_ns = 200'000;
  }
};

TEST_F(BackToBack, TheNextStimulusFollowsTheResponse) {
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  ASSERT_EQ(handed_.size(), 22U);
  EXPECT_EQ(how_many(sample_wrong | sample_wrong_frame), 0U);
  for (std::size_t i = 1; i < handed_.size(); ++i) {
    const std::int64_t gap_ns = handed_[i].sample.due_ns - handed_[i - 1].sample.response_ns;
    EXPECT_GE(gap_ns, 100'000);
    EXPECT_LE(gap_ns, 200'000);
    EXPECT_GE(handed_[i].sample.stimulus_ns, handed_[i].sample.due_ns);
  }
}

TEST_F(BackToBack, OneWithoutAnAnswerIsGivenUpAndTheNextFollows) {
  board_.answer = [](std::size_t i) -> std::optional<FakeBoard::Answer> {
    if (i == 4 || i == 21) return std::nullopt;
    return FakeBoard::Answer{5'000'000, 0};
  };
  EXPECT_EQ(run(), "");
  EXPECT_EQ(refused(), "");
  EXPECT_TRUE(handed_[4].sample.unanswered());
  EXPECT_TRUE(handed_[21].sample.unanswered());
  EXPECT_EQ(handed_.size(), 22U);
  EXPECT_EQ(how_many(sample_wrong | sample_wrong_frame), 0U);
}

TEST_F(BackToBack, ToldToStopItFails) {
  board_.stops_at = 10;
  EXPECT_THAT(run(), HasSubstr("told to stop before the last stimulus"));
}

TEST_F(Scheduled, ToldToStopItFails) {
  board_.stops_at = 10;
  EXPECT_THAT(run(), HasSubstr("told to stop before the last stimulus"));
}

TEST_F(Scheduled, AFailingLineIsNamed) {
  board_.problem_text = "line 7 failed";
  EXPECT_EQ(run(), "line 7 failed");
}

TEST_F(Scheduled, AWriterThatFailedEndsIt) {
  writer_failed_ = true;
  EXPECT_THAT(run(), HasSubstr("could not be written"));
}

TEST_F(Scheduled, AFullRingIsAFailureAndLosesNothingSilently) {
  pulses_.counted = 1U << 15U;
  Schedule schedule(pulses_, 0, &board_, ring_.get(), &writer_failed_);
  EXPECT_THAT(schedule.run(), HasSubstr("the ring of samples is full"));
}

}  // namespace
}  // namespace loopgate::schedule_test
