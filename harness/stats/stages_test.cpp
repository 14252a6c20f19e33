#include "stats/stages.h"

#include <gmock/gmock.h>

#include <numeric>

#include "record/testing/recorded_frames.h"

namespace loopgate::stages_test {
namespace {

using ::testing::ElementsAre;
using testing::frame_record;
using ::testing::HasSubstr;
using testing::records_header;

Sample sent(std::uint32_t index, std::int64_t stimulus_ns, std::int64_t latency_ns, std::uint32_t flags = 0) {
  return {stimulus_ns, stimulus_ns, stimulus_ns + latency_ns,
          flags | sample_sent | sample_answered | sample_ok, index};
}

// A self-check, a warm-up and two counted ones, answered 100 and 120 ns after the stimulus.
SampleFile samples() {
  SampleFile file;
  file.samples = {sent(0, 2'000'000, 17, sample_self_check), sent(1, 3'000'000, 100, sample_warm_up),
                  sent(2, 4'000'000, 100), sent(3, 5'000'000, 120)};
  return file;
}

FramesFile frames() {
  return {records_header(3),
          {frame_record(1, 3'000'000), frame_record(2, 4'000'000), frame_record(3, 5'000'000)}};
}

TEST(Stages, AddUpToTheLatency) {
  const auto stages = stages_of(samples(), frames(), {});
  ASSERT_TRUE(stages) << stages.error().what;
  ASSERT_EQ(stages->samples.size(), 2U) << "neither the self-check nor the warm-up";
  EXPECT_THAT(stages->samples[0].ns, ElementsAre(0, 10, 20, 20, 20, 20, 10));
  EXPECT_THAT(stages->samples[1].ns, ElementsAre(0, 10, 20, 20, 20, 20, 30));
  for (const StagedSample& sample : stages->samples)
    EXPECT_EQ(std::accumulate(sample.ns.begin(), sample.ns.end(), std::int64_t{0}), sample.latency_ns);
}

// The records' times and the instrument's are of one clock, whatever the counter says.
TEST(Stages, OfABoardAreOnTheOneClock) {
  SampleFile seen = samples();
  seen.header.time_base = TimeBase::wall_clock;
  for (Sample& sample : seen.samples) {
    sample.stimulus_ns -= testing::clock_offset_ns;
    sample.response_ns -= testing::clock_offset_ns;
  }
  FramesFile said = frames();
  said.header.counter = said.header.counter_hz = 0;
  const auto stages = stages_of(seen, said, {});
  ASSERT_TRUE(stages) << stages.error().what;
  EXPECT_THAT(stages->samples[1].ns, ElementsAre(0, 10, 20, 20, 20, 20, 30));
}

// The stamp is made by an interrupt, which may be taken when the program is done with its pins already.
TEST(Stages, OfABoardMayHaveAResponseThatIsStampedLate) {
  SampleFile seen = samples();
  seen.samples[3].response_ns += 50'000;
  EXPECT_THAT(stages_of(seen, frames(), {}).error().what, HasSubstr("after the program was done"));
  seen.header.time_base = TimeBase::wall_clock;
  for (Sample& sample : seen.samples) {
    sample.stimulus_ns -= testing::clock_offset_ns;
    sample.response_ns -= testing::clock_offset_ns;
  }
  EXPECT_TRUE(stages_of(seen, frames(), {}));
}

TEST(Stages, OnVirtualTimeNeedTheCounter) {
  FramesFile said = frames();
  said.header.counter_hz = 0;
  EXPECT_THAT(stages_of(samples(), said, {}).error().what, HasSubstr("counter is not known"));
}

TEST(Stages, ADecisionForAnotherFrameIsLeftOutAndCounted) {
  SampleFile wrong = samples();
  wrong.samples[3].flags |= sample_wrong_frame;
  EXPECT_EQ(stages_of(wrong, frames(), {})->left_out, 1U);
  FramesFile full = frames();
  full.header.capacity = 2;
  full.frames.pop_back();
  EXPECT_EQ(stages_of(samples(), full, {})->left_out, 1U) << "beyond the records' room";
}

TEST(Stages, AMissingRecordIsRefused) {
  FramesFile lost = frames();
  lost.frames.erase(lost.frames.begin() + 1);
  EXPECT_THAT(stages_of(samples(), lost, {}).error().what,
              HasSubstr("sample 2: the payload left no record of frame 2"));
  EXPECT_FALSE(stages_of(samples(), FramesFile{records_header(0), {}}, {})) << "none at all";
}

TEST(Stages, ADecisionThatIsNotThePinsIsRefused) {
  SampleFile ng = samples();
  ng.samples[2].flags &= ~sample_ok;
  EXPECT_THAT(stages_of(ng, frames(), {}).error().what,
              HasSubstr("another decision than the verdict pin showed"));
}

TEST(Stages, TimesThatContradictTheInstrumentAreRefused) {
  FramesFile early = frames();
  early.frames[1].woke_ns -= 11;
  const auto before = stages_of(samples(), early, {});
  ASSERT_FALSE(before);
  EXPECT_THAT(
      before.error().what,
      HasSubstr("sample 2: the payload's times contradict the instrument's: stage kernel took -1 ns"));
  SampleFile late = samples();
  late.samples[2].response_ns += 1'000;
  EXPECT_THAT(stages_of(late, frames(), {}).error().what, HasSubstr("after the program was done"));
  FramesFile shifted = frames();
  shifted.header.monotonic_ns = 500;
  EXPECT_FALSE(stages_of(samples(), shifted, {})) << "clocks that are tied together wrongly must show";
}

TEST(Stages, OfASceneBeginWithItsFirstFrame) {
  SampleFile file;
  file.samples = {sent(0, 1'000'000, 66'100)};
  FramesFile scene{records_header(3),
                   {frame_record(1, 1'000'000), frame_record(2, 1'033'000), frame_record(3, 1'066'000)}};
  scene.frames[0].decision = scene.frames[1].decision = 0;
  const auto stages = stages_of(file, scene, {3, 33'000});
  ASSERT_TRUE(stages) << stages.error().what;
  EXPECT_THAT(stages->samples[0].ns, ElementsAre(66'000, 10, 20, 20, 20, 20, 10));
}

TEST(Stages, AreSummedUp) {
  const auto summary = summarize(*stages_of(samples(), frames(), {}));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->count, 2U);
  EXPECT_EQ(summary->figures[6].mean, 20);
  EXPECT_FALSE(summary->figures[6].p50) << "two samples resolve no quantile";
  EXPECT_EQ(summary->figures[6].max, 30);
  EXPECT_EQ(summary->median.index, 2U);
  EXPECT_EQ(summary->worst.index, 3U);
  EXPECT_FALSE(summarize(Stages{}));
}

}  // namespace
}  // namespace loopgate::stages_test
