#include "schedule/pulse_train.h"

#include <gmock/gmock.h>

#include <array>

#include "protocol/part_truth.h"

namespace loopgate::pulse_train_test {
namespace {

using ::testing::ElementsAre;

PulseSettings few(std::uint32_t counted, std::uint32_t warm_up = 0, std::uint32_t self_checks = 0) {
  PulseSettings settings;
  settings.counted = counted;
  settings.warm_up = warm_up;
  settings.self_checks = self_checks;
  return settings;
}

std::vector<Sample> take(PulseTrain* train) {
  std::vector<Sample> samples;
  train->take_finished(&samples);
  return samples;
}

// Every stimulus is answered after `latency_ns`, self-checks after their known delay. An answer comes before
// the next stimulus falls due, or that one is not sent.
std::vector<Sample> answered_after(const PulseSettings& settings, std::int64_t start_ns,
                                   std::int64_t latency_ns) {
  PulseTrain train(settings);
  std::vector<Sample> samples;
  std::int64_t answer_ns = 0;
  train.start(start_ns);
  const auto answer = [&] {
    train.response(answer_ns);
    train.take_finished(&samples);
  };
  while (const auto due_ns = train.next_due_ns()) {
    if (train.pending() && answer_ns < *due_ns) answer();
    const PulseTrain::Action action = train.due(*due_ns);
    if (action.raise_pin || action.known_delay_ns)
      answer_ns = *due_ns + action.known_delay_ns.value_or(latency_ns);
  }
  if (train.pending()) answer();
  EXPECT_TRUE(train.finished());
  return samples;
}

std::vector<std::int64_t> due_times(const std::vector<Sample>& samples) {
  std::vector<std::int64_t> times;
  for (const Sample& sample : samples) times.push_back(sample.due_ns);
  return times;
}

// Worked out by another implementation of MT19937-64 (checked by its 10,000th number) and of the mapping.
TEST(PulseTrain, HasTheScheduleOfItsSeed) {
  EXPECT_THAT(due_times(answered_after(few(5), 1'000'000, 100)),
              ElementsAre(1'707'101, 2'416'226, 3'377'198, 3'994'017, 4'874'735));
}

TEST(PulseTrain, DueTimesDependOnNoResponse) {
  const auto quick = due_times(answered_after(few(50), 0, 1));
  const auto slow = due_times(answered_after(few(50), 0, 590'000));
  EXPECT_EQ(quick, slow);
  PulseTrain never(few(50));
  never.start(0);
  std::vector<std::int64_t> unheard;
  while (const auto due_ns = never.next_due_ns()) {
    unheard.push_back(*due_ns);
    never.due(*due_ns);
  }
  EXPECT_EQ(quick, unheard);
  PulseSettings other = few(50);
  other.seed = 2;
  EXPECT_NE(quick, due_times(answered_after(other, 0, 1)));
}

TEST(PulseTrain, IntervalsStayWithinTheirBoundsAndReachThem) {
  PulseSettings settings = few(2'000);
  settings.interval_min_ns = 1'000;
  settings.interval_max_ns = 1'003;
  const auto times = due_times(answered_after(settings, 0, 1));
  std::array<int, 4> seen{};
  for (std::size_t i = 1; i < times.size(); ++i) {
    const std::int64_t interval_ns = times[i] - times[i - 1];
    ASSERT_GE(interval_ns, 1'000);
    ASSERT_LE(interval_ns, 1'003);
    ++seen[static_cast<std::size_t>(interval_ns - 1'000)];
  }
  for (const int count : seen) EXPECT_NEAR(count, 500, 150);
}

TEST(PulseTrain, AnIntervalMayBeFixed) {
  PulseSettings settings = few(3);
  settings.interval_min_ns = settings.interval_max_ns = 1'000'000;
  EXPECT_THAT(due_times(answered_after(settings, 5, 1)), ElementsAre(1'000'005, 2'000'005, 3'000'005));
}

TEST(PulseTrain, SelfChecksComeFirstThenWarmUp) {
  const auto samples = answered_after(few(3, 2, 8), 0, 100);
  ASSERT_EQ(samples.size(), 13U);
  for (std::uint32_t i = 0; i < 13; ++i) {
    EXPECT_EQ(samples[i].index, i);
    const std::uint32_t kind = i < 8 ? sample_self_check : i < 10 ? sample_warm_up : 0U;
    EXPECT_EQ(samples[i].flags & (sample_self_check | sample_warm_up), kind) << i;
    if (i < 8) {
      EXPECT_EQ(samples[i].latency_ns(), PulseTrain::known_delay_ns(i));
    }
  }
  EXPECT_EQ(PulseTrain::known_delay_ns(0), 1);
  EXPECT_EQ(PulseTrain::known_delay_ns(7), 999'983);
}

TEST(PulseTrain, ASelfCheckDoesNotReachTheBoard) {
  PulseTrain train(few(1, 0, 1));
  train.start(0);
  const auto self_check = train.due(*train.next_due_ns());
  EXPECT_FALSE(self_check.raise_pin);
  EXPECT_EQ(self_check.known_delay_ns, 1);
  train.response(1'500'001);
  take(&train);
  const auto counted = train.due(*train.next_due_ns());
  EXPECT_TRUE(counted.raise_pin);
  EXPECT_FALSE(counted.known_delay_ns);
}

// The longest known delay is longer than the shortest interval: it must not cost the stimulus that comes
// after it.
TEST(PulseTrain, TheLastSelfCheckIsOverBeforeTheFirstStimulusFallsDue) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    PulseSettings settings = few(2, 0, 8);
    settings.seed = seed;
    const auto samples = answered_after(settings, 0, 1);
    ASSERT_EQ(samples.size(), 10U);
    EXPECT_GT(samples[8].due_ns, samples[7].response_ns) << "seed " << seed;
  }
}

TEST(PulseTrain, AResponseIsLateFromOneNanosecondAfterTheDeadline) {
  for (const bool late : {false, true}) {
    PulseTrain train(few(1));
    train.start(0);
    const std::int64_t due_ns = *train.next_due_ns();
    train.due(due_ns);
    EXPECT_TRUE(train.response(due_ns + 1'000'000 + (late ? 1 : 0)));
    EXPECT_EQ(train.counts().late, late ? 1U : 0U);
    EXPECT_EQ(take(&train).at(0).late(), late);
  }
}

TEST(PulseTrain, LatencyCountsFromWhenThePinRoseNotFromWhenItWasDue) {
  PulseTrain train(few(1));
  train.start(0);
  const std::int64_t due_ns = *train.next_due_ns();
  train.due(due_ns + 7);
  train.response(due_ns + 107);
  const Sample sample = take(&train).at(0);
  EXPECT_EQ(sample.due_ns, due_ns);
  EXPECT_EQ(sample.stimulus_ns, due_ns + 7);
  EXPECT_EQ(sample.latency_ns(), 100);
}

TEST(PulseTrain, WhatFallsDueWhileOneIsPendingIsNotSent) {
  PulseTrain train(few(2));
  train.start(0);
  const std::int64_t first_ns = *train.next_due_ns();
  train.due(first_ns);
  const std::int64_t second_ns = *train.next_due_ns();
  const auto action = train.due(second_ns);
  EXPECT_FALSE(action.raise_pin);
  EXPECT_FALSE(action.known_delay_ns);
  EXPECT_FALSE(action.abandon_at_ns);
  EXPECT_TRUE(take(&train).empty()) << "the first one's fate is not known yet";
  train.response(second_ns + 1);
  const auto all = take(&train);
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0], (Sample{first_ns, first_ns, second_ns + 1, sample_sent | sample_answered, 0}));
  EXPECT_EQ(all[1], (Sample{second_ns, -1, -1, 0, 1}));
  EXPECT_EQ(train.counts().not_sent, 1U);
  EXPECT_EQ(train.counts().answered, 1U);
  EXPECT_EQ(train.counts().planned, 2U);
  EXPECT_EQ(train.counts().due, 2U);
}

// Nothing says that records must be taken out between two stimuli.
TEST(PulseTrain, RecordsThatAreNotTakenOutAtOnceStayAsTheyAre) {
  PulseTrain train(few(3));
  train.start(0);
  std::vector<std::int64_t> due_ns;
  for (int i = 0; i < 3; ++i) {
    due_ns.push_back(*train.next_due_ns());
    train.due(due_ns.back());
    if (i < 2) train.response(due_ns.back() + 10 + i);
  }
  train.abandon(0);
  std::vector<Sample> all = take(&train);
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0], (Sample{due_ns[0], due_ns[0], due_ns[0] + 10, sample_sent | sample_answered, 0}));
  EXPECT_EQ(all[1], (Sample{due_ns[1], due_ns[1], due_ns[1] + 11, sample_sent | sample_answered, 1}));
  EXPECT_EQ(all[2].flags, sample_sent | sample_unanswered);
}

TEST(PulseTrain, GivesUpAndGoesOn) {
  PulseTrain train(few(2));
  train.start(0);
  const std::int64_t first_ns = *train.next_due_ns();
  EXPECT_EQ(train.due(first_ns).abandon_at_ns, first_ns + 1'000'000'000);
  EXPECT_TRUE(train.pending());
  train.abandon(0);
  train.abandon(0);
  EXPECT_FALSE(train.pending());
  EXPECT_EQ(train.counts().unanswered, 1U);
  take(&train);
  EXPECT_TRUE(train.due(*train.next_due_ns()).raise_pin);
  EXPECT_FALSE(train.finished()) << "one is pending";
  EXPECT_FALSE(train.next_due_ns());
  train.abandon(0);
  EXPECT_TRUE(train.finished());
}

TEST(PulseTrain, AnswersToNothingAreSpurious) {
  PulseTrain train(few(1));
  train.start(0);
  EXPECT_FALSE(train.response(10));
  const std::int64_t due_ns = *train.next_due_ns();
  train.due(due_ns);
  EXPECT_TRUE(train.response(due_ns + 5));
  EXPECT_FALSE(train.response(due_ns + 6));
  EXPECT_EQ(train.counts().spurious, 2U);
  EXPECT_EQ(train.counts().answered, 1U);
  EXPECT_EQ(take(&train).at(0).response_ns, due_ns + 5);
}

TEST(PulseTrain, RecordsAreHandedOutOnce) {
  PulseTrain train(few(1));
  train.start(0);
  const std::int64_t due_ns = *train.next_due_ns();
  train.due(due_ns);
  train.response(due_ns);
  EXPECT_EQ(take(&train).size(), 1U);
  EXPECT_TRUE(take(&train).empty());
}

// ---- Decisions ----

PulseSettings with_decisions(std::uint32_t counted, std::uint32_t frames = 1) {
  PulseSettings settings = few(counted);
  settings.decisions = true;
  settings.frames = frames;
  return settings;
}

std::uint32_t decision_flags(const Sample& sample) {
  return sample.flags & (sample_ok | sample_wrong | sample_wrong_frame | sample_unjudged);
}

// Sends one stimulus, answers it with `seen` and gives its record.
Sample decided(PulseTrain* train, const SeenDecision& seen) {
  const std::int64_t due_ns = *train->next_due_ns();
  train->due(due_ns);
  train->response(due_ns + 8'000'000, seen);
  return take(train).back();
}

TEST(PulseTrain, JudgesADecisionByTheCamerasTruth) {
  PulseTrain train(with_decisions(20));
  train.start(0);
  for (std::uint64_t part = 0; part < 20; ++part) {
    const bool good = part_is_good(1, part);
    const bool right = part % 3 != 0;
    const Sample sample = decided(&train, {right ? good : !good, part + 1});
    EXPECT_EQ((sample.flags & sample_ok) != 0, right ? good : !good) << part;
    EXPECT_EQ((sample.flags & sample_wrong) != 0, !right) << part;
    EXPECT_EQ(sample.flags & sample_wrong_frame, 0U) << part;
  }
}

TEST(PulseTrain, ADecisionForAnotherFrameIsNeitherRightNorWrong) {
  PulseTrain train(with_decisions(3));
  train.start(0);
  const bool good = part_is_good(1, 0);
  EXPECT_EQ(decision_flags(decided(&train, {good, 1})), good ? sample_ok : 0U);
  EXPECT_EQ(decision_flags(decided(&train, {false, 1})), sample_wrong_frame) << "the frame before";
  EXPECT_EQ(decision_flags(decided(&train, {true, 0})), sample_wrong_frame | sample_ok) << "none yet";
}

// Five pictures, of one of which nobody knows what it shows, beginning with the fourth.
TEST(PulseTrain, JudgesADecisionByWhatIsKnownOfThePicture) {
  PulseSettings settings = with_decisions(7);
  settings.seed = 4;
  settings.truth = "+-?-+";
  PulseTrain train(settings);
  train.start(0);
  const std::string shown = "-++-?-+";
  for (std::uint64_t part = 0; part < shown.size(); ++part) {
    const bool said = part % 2 == 0;
    const std::uint32_t judged = shown[part] == '?'             ? sample_unjudged
                                 : (shown[part] == '+') == said ? 0U
                                                                : sample_wrong;
    EXPECT_EQ(decision_flags(decided(&train, {said, part + 1})), judged | (said ? sample_ok : 0U)) << part;
  }
}

TEST(PulseTrain, AnotherFramesDecisionIsThatAlsoWhereNobodyKnowsTheTruth) {
  PulseSettings settings = with_decisions(1);
  settings.truth = "?";
  PulseTrain train(settings);
  train.start(0);
  EXPECT_EQ(decision_flags(decided(&train, {true, 5})), sample_wrong_frame | sample_ok);
}

TEST(PulseTrain, FramesOfASceneAreNumberedOn) {
  PulseTrain train(with_decisions(2, 3));
  train.start(0);
  EXPECT_EQ(decided(&train, {false, 3}).flags & sample_wrong_frame, 0U);
  EXPECT_EQ(decided(&train, {false, 5}).flags & sample_wrong_frame, sample_wrong_frame);
}

TEST(PulseTrain, SelfChecksAreNoFrames) {
  PulseSettings settings = with_decisions(1);
  settings.self_checks = 2;
  PulseTrain train(settings);
  train.start(0);
  EXPECT_EQ(decision_flags(decided(&train, {true, 9})), 0U);
  EXPECT_EQ(decision_flags(decided(&train, {true, 9})), 0U);
  EXPECT_EQ(decided(&train, {false, 1}).flags & sample_wrong_frame, 0U);
}

TEST(PulseTrain, BackToBackTheNextOneWaitsForTheResponse) {
  PulseSettings settings = few(3);
  settings.back_to_back = true;
  settings.interval_min_ns = settings.interval_max_ns = 100;
  PulseTrain train(settings);
  train.start(0);
  EXPECT_EQ(train.next_due_ns(), 100);
  train.due(100);
  EXPECT_FALSE(train.next_due_ns()) << "one is pending";
  train.response(7'000);
  EXPECT_EQ(train.next_due_ns(), 7'100);
  train.due(7'100);
  train.abandon(9'000);
  EXPECT_EQ(train.next_due_ns(), 9'100);
  train.due(9'100);
  train.response(9'200);
  EXPECT_TRUE(train.finished());
  EXPECT_EQ(train.counts().not_sent, 0U);
}

}  // namespace
}  // namespace loopgate::pulse_train_test
