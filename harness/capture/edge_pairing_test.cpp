#include "capture/edge_pairing.h"

#include <gmock/gmock.h>

#include <map>
#include <random>

#include "schedule/pulse_train.h"

namespace loopgate::edge_pairing_test {
namespace {

using testing::ElementsAre;

constexpr std::uint32_t answered = sample_sent | sample_answered;
constexpr std::uint32_t unanswered = sample_sent | sample_unanswered;

struct Edge {
  std::int64_t at_ns;
  char what;  // s, r, or b: both
};

// With a deadline of 100 ns, and 1,000 ns until a stimulus is given up.
std::vector<Sample> pair(const std::vector<Edge>& edges, std::int64_t end_ns, PairingCounts* counts = nullptr,
                         std::uint64_t warm_up = 0) {
  EdgePairing pairing({100, 1'000, warm_up});
  std::vector<Sample> samples;
  for (const Edge& edge : edges) {
    pairing.edges(edge.at_ns, edge.what != 'r', edge.what != 's');
    pairing.take_finished(&samples);
  }
  pairing.end(end_ns);
  pairing.take_finished(&samples);
  EXPECT_EQ(pairing.waiting(), 0U);
  if (counts != nullptr) *counts = pairing.counts();
  return samples;
}

TEST(EdgePairing, AnsweredLateAndUnanswered) {
  PairingCounts counts;
  const auto samples =
      pair({{0, 's'}, {100, 'r'}, {2'000, 's'}, {2'101, 'r'}, {4'000, 's'}, {6'000, 's'}, {6'001, 'r'}},
           7'000, &counts);
  EXPECT_THAT(
      samples,
      ElementsAre(Sample{0, 0, 100, answered, 0}, Sample{2'000, 2'000, 2'101, answered | sample_late, 1},
                  Sample{4'000, 4'000, -1, unanswered, 2}, Sample{6'000, 6'000, 6'001, answered, 3}));
  EXPECT_EQ(counts.stimuli, 4U);
  EXPECT_EQ(counts.answered, 3U);
  EXPECT_EQ(counts.late, 1U);
  EXPECT_EQ(counts.unanswered, 1U);
  EXPECT_EQ(counts.spurious, 0U);
}

TEST(EdgePairing, AStimulusWhileOneIsPendingIsRecordedAsNotSent) {
  PairingCounts counts;
  const auto samples =
      pair({{0, 's'}, {40, 's'}, {60, 'r'}, {90, 'r'}, {500, 's'}, {510, 'r'}}, 2'000, &counts);
  EXPECT_THAT(samples, ElementsAre(Sample{0, 0, 60, answered, 0}, Sample{40, -1, -1, 0, 1},
                                   Sample{500, 500, 510, answered, 2}));
  EXPECT_EQ(counts.while_pending, 1U);
  EXPECT_EQ(counts.spurious, 1U);
}

TEST(EdgePairing, AResponseAfterItsStimulusWasGivenUpIsSpurious) {
  PairingCounts counts;
  EXPECT_THAT(pair({{0, 's'}, {1'001, 'r'}}, 5'000, &counts), ElementsAre(Sample{0, 0, -1, unanswered, 0}));
  EXPECT_EQ(counts.spurious, 1U);
  EXPECT_THAT(pair({{0, 's'}, {1'000, 'r'}}, 5'000),
              ElementsAre(Sample{0, 0, 1'000, answered | sample_late, 0}));
}

TEST(EdgePairing, BothAtOnce) {
  EXPECT_THAT(pair({{10, 'b'}}, 5'000), ElementsAre(Sample{10, 10, 10, answered, 0}));
  EXPECT_THAT(pair({{0, 's'}, {50, 'b'}, {70, 'r'}}, 5'000),
              ElementsAre(Sample{0, 0, 50, answered, 0}, Sample{50, 50, 70, answered, 1}));
}

TEST(EdgePairing, TheEndCutsOffWhatMightStillHaveBeenInTime) {
  PairingCounts counts;
  EXPECT_THAT(pair({{0, 's'}, {10, 'r'}, {500, 's'}, {550, 's'}}, 600, &counts),
              ElementsAre(Sample{0, 0, 10, answered, 0}));
  EXPECT_EQ(counts.cut_off, 2U);
  EXPECT_EQ(counts.while_pending, 0U);
  EXPECT_THAT(pair({{500, 's'}}, 601, &counts), ElementsAre(Sample{500, 500, -1, unanswered, 0}));
  EXPECT_EQ(counts.cut_off, 0U);
}

TEST(EdgePairing, WarmUpIsMarked) {
  EXPECT_THAT(
      pair({{0, 's'}, {10, 'r'}, {500, 's'}, {510, 'r'}}, 600, nullptr, 1),
      ElementsAre(Sample{0, 0, 10, answered | sample_warm_up, 0}, Sample{500, 500, 510, answered, 1}));
}

// The pins of a measurement that PulseTrain made, seen from outside: every stimulus that it sent comes to the
// same.
TEST(EdgePairing, SaysWhatPulseTrainSays) {
  PulseSettings settings;
  settings.self_checks = 0;
  settings.warm_up = 0;
  settings.counted = 3'000;
  settings.interval_min_ns = 500;
  settings.interval_max_ns = 2'500;
  settings.deadline_ns = 700;
  settings.response_timeout_ns = 4'000;
  PulseTrain train(settings);
  std::mt19937_64 random(3);
  std::map<std::int64_t, char> pins;       // what an analyser would see
  std::optional<std::int64_t> abandon_at;  // as the train asked for
  std::multimap<std::int64_t, int> responses;
  std::vector<Sample> expected;
  train.start(0);
  std::int64_t now = 0;
  for (;;) {
    const auto due = train.next_due_ns();
    std::int64_t next = INT64_MAX;
    if (due) next = std::min(next, *due);
    if (abandon_at && train.pending()) next = std::min(next, *abandon_at);
    if (!responses.empty()) next = std::min(next, responses.begin()->first);
    if (next == INT64_MAX) break;
    now = next;
    if (!responses.empty() && responses.begin()->first == now) {  // at the last moment it is still in time
      responses.erase(responses.begin());
      pins[now] = 'r';
      train.response(now);
    } else if (train.pending() && abandon_at == now) {
      train.abandon(now);
    } else {
      const auto action = train.due(now);
      if (!action.raise_pin) continue;
      pins[now] = 's';
      abandon_at = action.abandon_at_ns;
      const auto delay = static_cast<std::int64_t>(random() % 6'000);
      if (random() % 20 != 0) responses.emplace(now + 1 + delay, 0);
      if (random() % 30 == 0) responses.emplace(now + 2 + delay * 2, 0);
    }
    train.take_finished(&expected);
  }
  std::vector<Edge> edges;
  for (const auto& [at, what] : pins) edges.push_back({at, what});
  EdgePairing pairing({settings.deadline_ns, settings.response_timeout_ns, 0});
  std::vector<Sample> seen;
  for (const Edge& edge : edges) pairing.edges(edge.at_ns, edge.what == 's', edge.what == 'r');
  pairing.end(now + settings.response_timeout_ns + 1);
  pairing.take_finished(&seen);
  std::erase_if(expected, [](const Sample& sample) { return !sample.sent(); });  // no pin shows them
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_EQ(seen[i].stimulus_ns, expected[i].stimulus_ns);
    EXPECT_EQ(seen[i].response_ns, expected[i].response_ns);
    EXPECT_EQ(seen[i].flags, expected[i].flags);
  }
  EXPECT_EQ(pairing.counts().late, train.counts().late);
  EXPECT_EQ(pairing.counts().unanswered, train.counts().unanswered);
  EXPECT_EQ(pairing.counts().spurious, train.counts().spurious);
  EXPECT_EQ(pairing.counts().while_pending, 0U);
  EXPECT_GT(pairing.counts().late, 100U);
  EXPECT_GT(pairing.counts().unanswered, 100U);
  EXPECT_GT(pairing.counts().spurious, 10U);
}

TEST(EdgeMeter, CountsItsEdgeAndKnowsTheShortestPulse) {
  EdgeMeter rising(true);
  EXPECT_FALSE(rising.level(0, true));  // high from the start is no edge
  EXPECT_FALSE(rising.level(10, false));
  EXPECT_TRUE(rising.level(17, true));
  EXPECT_FALSE(rising.level(18, true));
  EXPECT_FALSE(rising.level(20, false));
  EXPECT_TRUE(rising.level(90, true));
  EXPECT_EQ(rising.edges(), 2U);
  EXPECT_EQ(rising.shortest_samples(), 3U);
  EdgeMeter falling(false);
  falling.level(0, true);
  EXPECT_TRUE(falling.level(5, false));
  EXPECT_EQ(falling.shortest_samples(), 0U);
}

}  // namespace
}  // namespace loopgate::edge_pairing_test
