// The loop with pins and a camera of its own.
#include "inspection/loop.h"

#include <gtest/gtest.h>

#include <cstring>
#include <optional>

#include "inspection/allocation_count.h"
#include "inspection/real_time.h"
#include "planted/faulty_loop.h"
#include "protocol/clock_pair.h"
#include "tests/fakes.h"
#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

constexpr Decision ok = Decision::ok, ng = Decision::ng;

template <class Struct>
planted::LoopFaults faults(std::uint64_t Struct::* which, std::uint64_t value) {
  planted::LoopFaults all;
  all.*which = value;
  return all;
}

class LoopTest : public testing::Test {
 protected:
  LoopTest() : records_(*RecordFile::open(file_, 0, 64 + 64 * 64)) {
    EXPECT_TRUE(records_.begin(read_clock_pair()));
  }

  LoopEnd run(std::vector<std::uint64_t> numbers, const LoopOptions& options = {}) {
    loop_ = std::make_unique<Loop>(parts(std::move(numbers)), options);
    return run();
  }
  LoopEnd run(std::vector<std::uint64_t> numbers, const planted::LoopFaults& faults) {
    loop_ = std::make_unique<planted::FaultyLoop>(parts(std::move(numbers)), LoopOptions{}, faults);
    return run();
  }
  LoopEnd run() {
    EXPECT_EQ(loop_->warm_up(1), LoopEnd::stopped);
    return loop_->run();
  }
  LoopParts parts(std::vector<std::uint64_t> numbers) {
    arrival_.emplace(std::move(numbers), end_);
    arrival_->before = before_;
    return {&*arrival_, &camera_, &models_, &verdict_, with_records_ ? &records_ : nullptr};
  }

  template <class Value>
  Value at(std::size_t offset) const {
    std::ifstream in(file_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(offset));
    Value value{};
    in.read(reinterpret_cast<char*>(&value), sizeof(value));
    return value;
  }
  FrameRecord record(std::size_t index) const { return at<FrameRecord>(64 + 64 * index); }
  RecordsHeader header() const { return at<RecordsHeader>(0); }
  const LoopCounts& counts() const { return loop_->counts(); }

  TemporaryFolder folder_;
  std::string file_ = folder_.write("records", std::string(64 + 64 * 64, '\0'));
  RecordFile records_;
  bool with_records_ = true;
  std::optional<FakeArrival> arrival_;
  std::function<void(std::size_t)> before_;
  Arrival end_ = Arrival::stopped;
  FakeCamera camera_;
  FakeVerdict verdict_;
  ModelExchange models_{brightness(), {}};
  std::unique_ptr<Loop> loop_;
};

TEST_F(LoopTest, DecidesEachPartAndTheRecordsAddUp) {
  const std::int64_t begin = now_ns();
  EXPECT_EQ(run(first_numbers(5)), LoopEnd::stopped);
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ng, ok}));
  EXPECT_EQ(counts().events, 5U);
  EXPECT_EQ(counts().frames, 5U);
  EXPECT_EQ(counts().decisions, 5U);
  EXPECT_EQ(counts().ok, 3U);
  EXPECT_EQ(counts().ng, 2U);
  EXPECT_EQ(counts().overruns, 0U);
  EXPECT_EQ(counts().inference.count, 5U);
  EXPECT_EQ(header().written, 5U);
  EXPECT_EQ(header().latest_frame, 5U);
  std::int64_t last = begin;
  for (std::size_t i = 0; i < 5; ++i) {
    const FrameRecord one = record(i);
    EXPECT_EQ(one.frame, i + 1);
    EXPECT_EQ(one.decision, static_cast<std::uint32_t>(i % 2 == 0 ? ok : ng));
    EXPECT_EQ(one.model, 0U);
    for (const std::int64_t time :
         {one.woke_ns, one.captured_ns, one.preprocessed_ns, one.inferred_ns, one.decided_ns, one.done_ns}) {
      EXPECT_GE(time, last);
      last = time;
    }
  }
  EXPECT_LE(last, now_ns());
  EXPECT_EQ(record(5).frame, 0U);
}

TEST_F(LoopTest, TheRecordAndTheFrameNumberAreThereBeforeThePins) {
  std::size_t seen = 0;
  verdict_.during = [&](Decision decision) {
    EXPECT_EQ(header().latest_frame, seen + 1);
    EXPECT_EQ(header().written, seen);
    EXPECT_EQ(record(seen).frame, seen + 1);
    EXPECT_EQ(record(seen).decision, static_cast<std::uint32_t>(decision));
    EXPECT_EQ(record(seen).done_ns, 0);
    ++seen;
  };
  run(first_numbers(3));
  EXPECT_EQ(seen, 3U);
}

TEST_F(LoopTest, RunsWithoutRecords) {
  with_records_ = false;
  EXPECT_EQ(run(first_numbers(2)), LoopEnd::stopped);
  EXPECT_EQ(verdict_.shown.size(), 2U);
  EXPECT_EQ(header().written, 0U);
}

TEST_F(LoopTest, LostEdgesAreCountedAndTheFrameIsTheEdges) {
  run({1, 2, 5, 6, 9});
  EXPECT_EQ(counts().overruns, 4U);
  EXPECT_EQ(counts().events, 5U);
  EXPECT_EQ(record(2).frame, 5U);
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ng, ok}));
}

TEST_F(LoopTest, FusesFramesToOneDecision) {
  run(first_numbers(6), {.fuse = 3});
  EXPECT_EQ(verdict_.shown.size(), 2U);
  EXPECT_EQ(counts().frames, 6U);
  EXPECT_EQ(counts().decisions, 2U);
  EXPECT_EQ(header().written, 6U);
  EXPECT_EQ(header().latest_frame, 6U);
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng}));  // bright, dark, bright; dark, bright, dark
  EXPECT_EQ(record(1).decision, static_cast<std::uint32_t>(Decision::none));
  EXPECT_EQ(record(2).decision, static_cast<std::uint32_t>(ok));
  EXPECT_GT(record(1).done_ns, 0);
}

TEST_F(LoopTest, AnIncompleteSceneShowsNothing) {
  run({1, 3, 4, 5, 6}, {.fuse = 3});
  EXPECT_EQ(verdict_.shown.size(), 1U);
  EXPECT_EQ(loop_->incomplete_scenes(), 1U);
}

TEST_F(LoopTest, WrongAfterDecidesTheOpposite) {
  run(first_numbers(5), faults(&planted::LoopFaults::wrong_after, 3));
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ok, ng}));
  EXPECT_EQ(record(3).decision, static_cast<std::uint32_t>(ok));
}

TEST_F(LoopTest, PreviousAfterHandlesTheFrameBefore) {
  run(first_numbers(5), faults(&planted::LoopFaults::previous_after, 3));
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ok, ng}));
  EXPECT_EQ(record(3).frame, 3U);
  EXPECT_EQ(record(4).frame, 4U);
  EXPECT_EQ(header().latest_frame, 4U);
}

TEST_F(LoopTest, MuteAfterOnlyCounts) {
  run(first_numbers(5), faults(&planted::LoopFaults::mute_after, 2));
  EXPECT_EQ(verdict_.shown.size(), 2U);
  EXPECT_EQ(counts().events, 5U);
  EXPECT_EQ(counts().frames, 2U);
  EXPECT_EQ(header().written, 2U);
}

TEST_F(LoopTest, DieAfterAborts) {
  EXPECT_DEATH(run(first_numbers(5), faults(&planted::LoopFaults::die_after, 2)), "");
}

TEST_F(LoopTest, ThePlantedDelayLiesBetweenInferenceAndDecision) {
  run(first_numbers(2), faults(&planted::LoopFaults::delay_instructions, 20'000'000));
  const FrameRecord one = record(1);
  EXPECT_GT(one.decided_ns - one.inferred_ns, 1'000'000);  // no processor does 20 instructions a nanosecond
}

TEST_F(LoopTest, ACameraThatFailsEndsIt) {
  camera_.fail_at = 3;
  EXPECT_EQ(run(first_numbers(5)), LoopEnd::camera_failed);
  EXPECT_EQ(verdict_.shown.size(), 2U);
  EXPECT_EQ(header().written, 2U);
}

TEST_F(LoopTest, PinsThatFailEndIt) {
  verdict_.fail_after = 1;
  EXPECT_EQ(run(first_numbers(5)), LoopEnd::verdict_failed);
  EXPECT_EQ(counts().decisions, 1U);
  EXPECT_EQ(header().written, 1U);
  end_ = Arrival::failed;
  verdict_.fail_after = 1000;
  EXPECT_EQ(run(first_numbers(5)), LoopEnd::arrival_failed);
}

TEST_F(LoopTest, TheEngineAloneIsTimed) {
  run(first_numbers(1));
  const Durations alone = loop_->time_engine(20);
  EXPECT_EQ(alone.count, 20U);
  EXPECT_GT(alone.least_ns, 0);
  EXPECT_LE(alone.least_ns, alone.sum_ns / 20);
}

TEST_F(LoopTest, NothingIsAllocated) {
  if (!allocations_so_far()) GTEST_SKIP() << "this build does not count allocations";
  std::uint64_t first = 0, last = 0;
  before_ = [&](std::size_t place) { (place == 0 ? first : last) = *allocations_so_far(); };
  run(first_numbers(50));
  EXPECT_EQ(last - first, 0U);
}

TEST_F(LoopTest, NoPageFaultsOnceItIsWarm) {
#ifdef INSPECT_SANITIZED
  GTEST_SKIP() << "a sanitizer faults by itself";
#endif
  ThreadFaults first, last;
  before_ = [&](std::size_t place) { (place < 10 ? first : last) = thread_faults(); };
  run(first_numbers(50));
  EXPECT_EQ(last.minor - first.minor, 0);
  EXPECT_EQ(last.major - first.major, 0);
}

TEST_F(LoopTest, ANewModelIsTakenBetweenTwoFrames) {
  before_ = [&](std::size_t place) {
    if (place != 2) return;
    std::unique_ptr<Model> strict = brightness(1.2F);
    strict->number = 1;
    models_.offer(std::move(strict));
    EXPECT_EQ(models_.taken(), 0U);
  };
  run(first_numbers(5));
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ng, ng, ng}));
  EXPECT_EQ(record(1).model, 0U);
  EXPECT_EQ(record(2).model, 1U);
  EXPECT_EQ(models_.taken(), 3U);
  EXPECT_EQ(models_.taken(), 0U) << "it is told once";
}

TEST(ModelExchange, WakesTheLoaderAtTheFramesAndWhenAModelWasTaken) {
  ModelExchange models(brightness(), {2, 2, 4});
  const auto woken = [&models] {
    std::uint64_t count = 0;
    return ::read(models.wake_descriptor(), &count, sizeof(count)) == sizeof(count);
  };
  EXPECT_FALSE(woken());
  models.handled(1);
  EXPECT_FALSE(woken());
  models.handled(2);
  EXPECT_TRUE(woken());
  models.handled(3);
  EXPECT_FALSE(woken());
  models.handled(4);
  EXPECT_TRUE(woken());
  models.handled(5);
  EXPECT_FALSE(woken());
  models.take(5, models.offered());
  EXPECT_FALSE(woken());
  models.offer(brightness());
  models.take(6, models.offered());
  EXPECT_TRUE(woken());
  EXPECT_EQ(models.taken(), 6U);
}

}  // namespace
}  // namespace loopgate::inspection
