// The loop with its parts prepared on another thread: each part keeps its own picture, the stages overlap,
// and whatever ends, on either side, ends both.
#include "inspection/preparing_thread.h"

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "inspection/allocation_count.h"
#include "planted/faulty_loop.h"
#include "tests/fakes.h"
#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

constexpr Decision ok = Decision::ok, ng = Decision::ng;
constexpr auto long_enough = std::chrono::seconds(20);

// Counts the captures of other threads.
class CountingCamera : public FakeCamera {
 public:
  bool capture(std::uint64_t frame, std::int64_t arrived_ns, std::uint8_t* pixels) override {
    const bool captured = FakeCamera::capture(frame, arrived_ns, pixels);
    const std::lock_guard lock(mutex_);
    latest_ = frame;
    changed_.notify_all();
    return captured;
  }
  std::uint64_t latest() {
    const std::lock_guard lock(mutex_);
    return latest_;
  }
  // False: the frame was not captured in time.
  bool wait_for(std::uint64_t frame, std::chrono::milliseconds limit = long_enough) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return latest_ >= frame; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::uint64_t latest_ = 0;
};

// Edges with these numbers, and then none until it is told to stop.
class PatientArrival : public FakeArrival {
 public:
  using FakeArrival::FakeArrival;

  Arrival wait(std::uint64_t* number) override {
    const Arrival arrival = FakeArrival::wait(number);
    if (arrival != Arrival::stopped || !patient) return arrival;
    std::unique_lock lock(mutex_);
    waits_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return stopped_; });
    return Arrival::stopped;
  }
  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  void wait_until_it_waits() {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, long_enough, [&] { return waits_; }));
  }
  bool stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

  bool patient = false;

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool waits_ = false;
  bool stopped_ = false;
};

// Another engine, with something done before it runs.
class WatchedEngine : public InferenceEngine {
 public:
  explicit WatchedEngine(std::unique_ptr<InferenceEngine> engine) : engine_(std::move(engine)) {}

  const char* name() const override { return engine_->name(); }
  std::span<std::int8_t> picture() override { return engine_->picture(); }
  bool run() override {
    ++runs_;
    if (before) before(runs_);
    return runs_ != fail_at && engine_->run();
  }
  std::span<const std::int8_t> output() const override { return engine_->output(); }

  std::function<void(std::uint64_t)> before;  // with the number of this run, the warm-up's among them
  std::uint64_t fail_at = 0;

 private:
  std::unique_ptr<InferenceEngine> engine_;
  std::uint64_t runs_ = 0;
};

class PreparingThreadTest : public testing::Test {
 protected:
  static constexpr std::uint64_t warm_ups = 1;

  PreparingThreadTest() : records_(*RecordFile::open(file_, 0, 64 + 64 * 64)) {
    EXPECT_TRUE(records_.begin(read_clock_pair()));
    Model& model = models_.in_force();
    auto engine = std::make_unique<WatchedEngine>(std::move(model.engine));
    engine_ = engine.get();
    model.engine = std::move(engine);
  }

  LoopEnd run(std::vector<std::uint64_t> numbers, const planted::LoopFaults& faults = {}) {
    const bool patient = patient_;
    arrival_.emplace(std::move(numbers), arrival_end_);
    arrival_->patient = patient;
    arrival_->before = before_;
    loop_ = std::make_unique<planted::FaultyLoop>(
        LoopParts{&*arrival_, &camera_, &models_, &verdict_, &records_}, LoopOptions{}, faults);
    PreparingThread thread(loop_->preparation(), {&*arrival_, &camera_, &models_}, {.policy = "other"});
    EXPECT_EQ(*thread.start(warm_ups), "");
    loop_->take_from(&thread);
    EXPECT_EQ(loop_->warm_up(warm_ups), LoopEnd::stopped);
    const LoopEnd end = loop_->run();
    error_ = errno;
    use_ = thread.use();
    return end;
  }

  FrameRecord record(std::size_t index) const {
    std::ifstream in(file_, std::ios::binary);
    in.seekg(static_cast<std::streamoff>(64 + 64 * index));
    FrameRecord one{};
    in.read(reinterpret_cast<char*>(&one), sizeof(one));
    return one;
  }

  TemporaryFolder folder_;
  std::string file_ = folder_.write("records", std::string(64 + 64 * 64, '\0'));
  RecordFile records_;
  std::optional<PatientArrival> arrival_;
  std::function<void(std::size_t)> before_;
  Arrival arrival_end_ = Arrival::stopped;
  bool patient_ = false;
  CountingCamera camera_;
  FakeVerdict verdict_;
  ModelExchange models_{brightness(), {}};
  WatchedEngine* engine_ = nullptr;
  std::unique_ptr<Loop> loop_;
  ThreadUse use_;
  int error_ = 0;
};

TEST_F(PreparingThreadTest, EachPartHasItsOwnPictureAndTheRecordsAddUp) {
  constexpr std::size_t parts = 50;
  EXPECT_EQ(run(first_numbers(parts)), LoopEnd::stopped);
  ASSERT_EQ(verdict_.shown.size(), parts);
  EXPECT_EQ(loop_->counts().events, parts);
  EXPECT_EQ(loop_->counts().frames, parts);
  EXPECT_EQ(loop_->counts().hand_over.count, parts);
  std::int64_t decided = 0;
  for (std::size_t i = 0; i < parts; ++i) {
    const FrameRecord one = record(i);
    EXPECT_EQ(one.frame, i + 1);
    EXPECT_EQ(verdict_.shown[i], i % 2 == 0 ? ok : ng) << i;
    std::int64_t last = 0;
    for (const std::int64_t time :
         {one.woke_ns, one.captured_ns, one.preprocessed_ns, one.inferred_ns, one.decided_ns, one.done_ns}) {
      EXPECT_GT(time, last - 1);
      last = time;
    }
    EXPECT_GT(one.preprocessed_ns, decided) << "its picture was taken before the one before was decided";
    decided = one.decided_ns;
  }
}

TEST_F(PreparingThreadTest, LostEdgesAreCountedAndTheFrameIsTheEdges) {
  run({1, 2, 5, 6, 9});
  EXPECT_EQ(loop_->counts().overruns, 4U);
  EXPECT_EQ(record(2).frame, 5U);
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ng, ok}));
}

TEST_F(PreparingThreadTest, TheNextPictureIsMadeWhileTheNetworkWorks) {
  constexpr std::uint64_t parts = 6;
  engine_->before = [&](std::uint64_t run) {
    if (run <= warm_ups || run - warm_ups == parts) return;
    EXPECT_TRUE(camera_.wait_for(run - warm_ups + 1))
        << "frame " << run - warm_ups + 1 << " waits for the network";
  };
  run(first_numbers(parts));
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ng, ok, ng}));
  for (std::size_t i = 1; i < parts; ++i) EXPECT_LT(record(i).woke_ns, record(i - 1).inferred_ns);
}

TEST_F(PreparingThreadTest, NoMoreThanTheNextIsPrepared) {
  engine_->before = [&](std::uint64_t run) {
    if (run != warm_ups + 1) return;
    EXPECT_FALSE(camera_.wait_for(3, std::chrono::milliseconds(50)));
    EXPECT_EQ(camera_.latest(), 2U);
  };
  run(first_numbers(5));
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ng, ok}));
}

TEST_F(PreparingThreadTest, AStalePictureIsDecidedWrongly) {
  planted::LoopFaults faults;
  faults.stale_after = 3;
  run(first_numbers(7), faults);
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ok, ok, ok, ok, ok}));
  EXPECT_EQ(record(4).frame, 5U);
}

TEST_F(PreparingThreadTest, AFrameBeforeIsToldInItsRecord) {
  planted::LoopFaults faults;
  faults.previous_after = 3;
  run(first_numbers(5), faults);
  EXPECT_EQ(record(3).frame, 3U);
  EXPECT_EQ(record(4).frame, 4U);
}

TEST_F(PreparingThreadTest, ANetworkThatFailsEndsTheWaitForAPart) {
  patient_ = true;
  engine_->fail_at = warm_ups + 2;
  engine_->before = [&](std::uint64_t run) {
    if (run == engine_->fail_at) arrival_->wait_until_it_waits();
  };
  EXPECT_EQ(run(first_numbers(2)), LoopEnd::engine_failed);
  EXPECT_TRUE(arrival_->stopped());
  EXPECT_EQ(verdict_.shown.size(), 1U);
}

TEST_F(PreparingThreadTest, PinsThatFailEndTheWaitForAPlace) {
  verdict_.fail_after = 1;
  EXPECT_EQ(run(first_numbers(40)), LoopEnd::verdict_failed);
  EXPECT_EQ(loop_->counts().decisions, 1U);
  EXPECT_LE(loop_->counts().events, 4U) << "two of the four were on their way";
}

TEST_F(PreparingThreadTest, ACameraThatFailsEndsItAfterThePartsBefore) {
  camera_.fail_at = 3;
  EXPECT_EQ(run(first_numbers(5)), LoopEnd::camera_failed);
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng}));
}

TEST_F(PreparingThreadTest, AnArrivalPinThatFailsTellsWhy) {
  arrival_end_ = Arrival::failed;
  before_ = [](std::size_t) { errno = ENODEV; };
  EXPECT_EQ(run(first_numbers(2)), LoopEnd::arrival_failed);
  EXPECT_EQ(error_, ENODEV) << "of the other thread";
  EXPECT_EQ(verdict_.shown.size(), 2U);
}

TEST_F(PreparingThreadTest, ThatNeverBeganEnds) {
  arrival_.emplace(first_numbers(1));
  Preparation preparation({&*arrival_, &camera_, &models_});
  PreparingThread thread(&preparation, {&*arrival_, &camera_, &models_}, {.policy = "other"});
  EXPECT_EQ(*thread.start(2), "");
  EXPECT_EQ(camera_.latest(), 1U);
}

TEST_F(PreparingThreadTest, TheSignalsThatStopTheProgramAreForItAlone) {
  const auto are_blocked = [] {
    sigset_t now;
    pthread_sigmask(SIG_SETMASK, nullptr, &now);
    return sigismember(&now, SIGTERM) == 1 && sigismember(&now, SIGALRM) == 1;
  };
  bool blocked = false;
  engine_->before = [&](std::uint64_t) { blocked = are_blocked(); };
  before_ = [&](std::size_t) { EXPECT_FALSE(are_blocked()); };
  run(first_numbers(1));
  EXPECT_TRUE(blocked);
  EXPECT_FALSE(are_blocked()) << "once it has ended";
}

TEST_F(PreparingThreadTest, WhatItIsRefusedIsTold) {
  arrival_.emplace(first_numbers(1));
  Preparation preparation({&*arrival_, &camera_, &models_});
  PreparingThread thread(&preparation, {&*arrival_, &camera_, &models_}, {.policy = "other", .cpu = 4000});
  EXPECT_NE(thread.start(1)->find("cannot be pinned to CPU 4000"), std::string::npos);
}

TEST_F(PreparingThreadTest, NothingIsAllocatedAndNothingFaults) {
#ifdef INSPECT_SANITIZED
  GTEST_SKIP() << "a sanitizer faults by itself";
#endif
  // The place before the last: the arrival's own wait follows.
  ThreadUse first, last;
  before_ = [&](std::size_t place) {
    if (place == 10) first = {allocations_so_far(), thread_faults(), 0};
    if (place == 49) last = {allocations_so_far(), thread_faults(), 0};
  };
  run(first_numbers(50));
  EXPECT_EQ(last.allocations, first.allocations);
  EXPECT_EQ(last.faults.minor, first.faults.minor);
  EXPECT_GT(use_.cpu_ns, 0);
  EXPECT_EQ(use_.allocations.value_or(0), 0U);
}

TEST_F(PreparingThreadTest, ANewModelIsTakenWithThePartThatWasPreparedForIt) {
  before_ = [&](std::size_t place) {
    if (place != 2) return;
    std::unique_ptr<Model> strict = brightness(1.2F);
    strict->number = 1;
    models_.offer(std::move(strict));
  };
  run(first_numbers(5));
  EXPECT_EQ(verdict_.shown, (std::vector{ok, ng, ng, ng, ng}));
  EXPECT_EQ(record(1).model, 0U);
  EXPECT_EQ(record(2).model, 1U);
  EXPECT_EQ(models_.taken(), 3U);
}

}  // namespace
}  // namespace loopgate::inspection
