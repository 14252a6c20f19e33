#include "target/loopback/recorder.h"

#include <gmock/gmock.h>

#include <cstring>
#include <memory>
#include <thread>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "qemu/instrument.h"
#include "target/loopback/events.h"

namespace loopgate::recorder_test {
namespace {

using ::testing::HasSubstr;

class Recording : public ::testing::Test {
 protected:
  Recording() {
    pulses_.warm_up = 1;
    pulses_.counted = 3;
    for (std::uint32_t i = 0; i < 2; ++i)
      self_checks_.push_back(
          {i * 100, i * 100, i * 100 + 7, sample_sent | sample_answered | sample_self_check, i});
  }
  RecorderFiles files() const {
    return {(folder_.path() / "samples.lgs").string(), (folder_.path() / "own.lst").string()};
  }
  // All that the schedule would hand over: the last but one was not sent.
  void hand_over() {
    ring_->push({{1'000, 1'003, 1'500, sample_sent | sample_answered | sample_warm_up, 2}, 1'010});
    ring_->push({{2'000, 2'005, 9'000, sample_sent | sample_answered, 3}, 2'020});
    ring_->push({{3'000, -1, -1, 0, 4}, -1});
    ring_->push({{10'000, 10'001, -1, sample_sent | sample_unanswered, 5}, 10'002});
  }

  TempFolder folder_;
  PulseSettings pulses_;
  std::vector<Sample> self_checks_;
  std::unique_ptr<HandedRing> ring_ = std::make_unique<HandedRing>();
};

TEST_F(Recording, FilesAreWholeAndCountsAreTold) {
  Recorder recorder(pulses_, ring_.get());
  ASSERT_TRUE(recorder.start(files(), self_checks_));
  hand_over();
  ASSERT_TRUE(recorder.close_files());
  const auto file = read_samples(files().samples);
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(file->header.time_base, TimeBase::wall_clock);
  EXPECT_EQ(file->header.records_planned, 6U);
  ASSERT_EQ(file->samples.size(), 6U);
  EXPECT_EQ(file->samples[0], self_checks_[0]);
  EXPECT_EQ(file->samples[3].latency_ns(), 6'995);
  EXPECT_EQ(recorder.counts().planned, 6U);
  EXPECT_EQ(recorder.counts().due, 6U);
  EXPECT_EQ(recorder.counts().answered, 4U);
  EXPECT_EQ(recorder.counts().not_sent, 1U);
  EXPECT_EQ(recorder.counts().unanswered, 1U);
  EXPECT_EQ(recorder.own_share().total(), 3U);
  EXPECT_EQ(recorder.own_share().max_ns(), 15);
  EXPECT_EQ(recorder.late_by().max_ns(), 5);
}

TEST_F(Recording, OwnStampsSayWhatLiesAroundEachStimulus) {
  Recorder recorder(pulses_, ring_.get());
  ASSERT_TRUE(recorder.start(files(), {}));
  hand_over();
  ASSERT_TRUE(recorder.close_files());
  const std::string bytes = *read_file(files().stamps);
  StampsHeader header{};
  ASSERT_EQ(bytes.size(), sizeof(header) + 3 * sizeof(Stamp));
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.magic, stamps_magic);
  EXPECT_EQ(header.written, 3U);
  EXPECT_EQ(header.kind, static_cast<std::uint32_t>(StampsOf::loopback));
  Stamp stamp{};
  std::memcpy(&stamp, bytes.data() + sizeof(header) + 2 * sizeof(stamp), sizeof(stamp));
  EXPECT_EQ(stamp.number, 5U);
  EXPECT_EQ(stamp.first_ns, 10'001);
  EXPECT_EQ(stamp.second_ns, 10'002);
  EXPECT_EQ(stamp.third_ns, -1);
}

TEST_F(Recording, WithoutItsEndTheFilesSayThatTheyWereCutOff) {
  {
    Recorder recorder(pulses_, ring_.get());
    ASSERT_TRUE(recorder.start(files(), self_checks_));
    hand_over();
    ASSERT_TRUE(recorder.finish());
  }
  const auto file = read_samples(files().samples);
  ASSERT_FALSE(file);
  EXPECT_THAT(file.error().what, HasSubstr("cut off"));
  StampsHeader header{};
  const std::string bytes = *read_file(files().stamps);
  std::memcpy(&header, bytes.data(), sizeof(header));
  EXPECT_EQ(header.magic, 0U);
}

TEST_F(Recording, AFullDiskIsToldToBothThreads) {
  Recorder recorder(pulses_, ring_.get());
  const auto started = recorder.start({"/dev/full", ""}, self_checks_);
  // stdio keeps the first bytes to itself, so that the disk is found full later.
  ASSERT_TRUE(started) << started.error().what;
  Status pushed;
  for (std::uint32_t i = 0; i < 1'000; ++i)
    ring_->push({{i, i, i + 1, sample_sent | sample_answered, i}, i + 1});
  const Status done = recorder.finish();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("No space left"));
  EXPECT_TRUE(recorder.failed()->load());
}

TEST_F(Recording, AFolderThatIsNotThereIsNamed) {
  Recorder recorder(pulses_, ring_.get());
  const auto started = recorder.start({"/no/such/folder/samples.lgs", ""}, {});
  ASSERT_FALSE(started);
  EXPECT_THAT(started.error().what, HasSubstr("/no/such/folder/samples.lgs"));
}

TEST(LoopbackEvents, AreReadAsThoseOfTheVirtualBench) {
  PulseCounts counts;
  counts.planned = 10;
  counts.due = 4;
  counts.late = 1;
  const auto event = parse_event(to_line(event_now(InstrumentEvent::Kind::progress, counts)));
  ASSERT_TRUE(event) << event.error().what;
  EXPECT_EQ(event->kind, InstrumentEvent::Kind::progress);
  EXPECT_EQ(event->counts.due, 4U);
  EXPECT_EQ(event->counts.late, 1U);
  const auto error = parse_event(to_line(error_event("no jumper")));
  ASSERT_TRUE(error);
  EXPECT_EQ(error->what, "no jumper");
}

}  // namespace
}  // namespace loopgate::recorder_test
