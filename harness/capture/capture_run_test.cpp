#include "capture/capture_run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/file.h"
#include "gate/baseline.h"
#include "stats/stats_run.h"

namespace loopgate::capture_run_test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const fs::path recordings = fs::path(LOOPGATE_SOURCE_DIR) / "fixtures/recordings/sigrok";

class CaptureRun : public testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
    request_.file = recordings / "known.sr";
    request_.channels = {"D2", "D9"};
    request_.pairing = {100'000, 300'000, 5};
    request_.board = {"capture", "rpi-4b", "preempt-rt", "mixed"};
    request_.loopgate = {"0.1.0", ""};
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string problem() {
    auto report = write_capture_run(request_, out());
    EXPECT_FALSE(report);
    EXPECT_FALSE(fs::exists(out())) << "what failed leaves nothing";
    return report ? "" : to_text(report.error());
  }
  fs::path out() const { return folder_ / "run"; }
  nlohmann::json json(const fs::path& file) const { return nlohmann::json::parse(*read_file(out() / file)); }

  fs::path folder_ = fs::temp_directory_path() / ("capture_run_test." + std::to_string(::getpid()));
  CaptureRequest request_;
};

// The recording: 40 stimuli, of which the 8th is answered after 180 us, the 24th never, and one more in the
// last 30 us; the 31st is answered twice.
TEST_F(CaptureRun, StatisticsReadIt) {
  const auto report = write_capture_run(request_, out());
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->problem, "");
  const auto statistics = run_statistics(out());
  ASSERT_TRUE(statistics) << statistics.error().what;
  ASSERT_EQ(statistics->groups.size(), 1U);
  const GroupEvidence& group = statistics->groups.front();
  EXPECT_TRUE(group.invalid.empty()) << group.invalid.front().reason;
  EXPECT_EQ(group.summary.counts.scheduled, 35U);
  EXPECT_EQ(group.summary.counts.warm_up, 5U);
  EXPECT_EQ(group.summary.counts.late, 1U);
  EXPECT_EQ(group.summary.counts.unanswered, 1U);
  EXPECT_EQ(group.summary.latency->min, 8'000);
  EXPECT_EQ(group.summary.latency->max, 180'000);
  EXPECT_EQ(statistics->time_base, TimeBase::wall_clock);
  EXPECT_EQ(statistics->interval_ns, (std::vector<std::int64_t>{500'000, 870'000}));
}

// A name is no digest: nothing shows that two captures of one name had the same running.
TEST_F(CaptureRun, KnowsItsInputsByTheirNamesAlone) {
  ASSERT_TRUE(write_capture_run(request_, out()));
  const auto run = read_run_record(out());
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->suite.sha256, "");
  EXPECT_EQ(run->board.sha256, "");
  EXPECT_EQ(run->loads.at(0).sha256, "");
  const auto& machine = std::get<CaptureMachineRecord>(run->machine);
  EXPECT_EQ(machine.resolution_ns, 1'000);
  EXPECT_EQ(machine.capture_sha256, *sha256_of_file(request_.file));
  const auto statistics = run_statistics(out());
  const auto refused = check_baseline(*statistics, *statistics, "baseline", Policy());
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("baseline: a capture knows its suite"));
}

TEST_F(CaptureRun, SaysWhatTheAnalyserSaw) {
  ASSERT_TRUE(write_capture_run(request_, out()));
  const auto capture = json("cells/preempt-rt.mixed/capture.json");
  EXPECT_EQ(capture["samplerate_hz"], 1'000'000);
  EXPECT_EQ(capture["resolution_ns"], 1'000);
  EXPECT_EQ(capture["samples"], 20'700);
  EXPECT_EQ(capture["stimulus"]["edges"], 41);
  EXPECT_EQ(capture["stimulus"]["shortest_pulse_ns"], 20'000);
  EXPECT_EQ(capture["response"]["edges"], 40);
  EXPECT_EQ(capture["response"]["shortest_pulse_samples"], 1);
  EXPECT_EQ(capture["spurious_responses"], 1);
  EXPECT_EQ(capture["cut_off_at_end"], 1);
  EXPECT_EQ(json("cells/preempt-rt.mixed/outcome.json")["self_check"]["checks"].size(), 0U);
}

TEST_F(CaptureRun, AFileOfTheSameCaptureComesToTheSame) {
  ASSERT_TRUE(write_capture_run(request_, out()));
  const std::string samples = *read_file(out() / "cells/preempt-rt.mixed/samples.lgs");
  fs::remove_all(out());
  request_.file = recordings / "known-dedup.csv";
  ASSERT_TRUE(write_capture_run(request_, out()));
  EXPECT_EQ(*read_file(out() / "cells/preempt-rt.mixed/samples.lgs"), samples);
}

TEST_F(CaptureRun, TooCoarseIsInvalid) {
  request_.pairing.deadline_ns = 9'999;
  const auto report = write_capture_run(request_, out());
  ASSERT_TRUE(report);
  EXPECT_THAT(report->problem, HasSubstr("a sample every 1000 ns is too coarse for a deadline of 9999 ns"));
  EXPECT_EQ(json("cells/preempt-rt.mixed/outcome.json")["outcome"], "invalid");
  EXPECT_FALSE(run_statistics(out())->groups.front().invalid.empty());
}

// A pulse of 20 us whose end is answered 16 us later, as in the recording: 36 us from its beginning.
TEST_F(CaptureRun, APayloadThatAnswersTheOtherEdgeIsTold) {
  request_.file = folder_ / "edges.csv";
  request_.pairing.warm_up = 0;
  const auto captured = [&](int high_us, int low_us) {
    std::string text = "; Channels (2/2): D2, D9\n; Samplerate: 1 MHz\n";
    for (int pulse = 0; pulse < 6; ++pulse)
      for (const auto& [levels, us] : {std::pair("0,0\n", 100), std::pair("1,0\n", high_us),
                                       std::pair("0,0\n", low_us), std::pair("0,1\n", 5)})
        for (int i = 0; i < us; ++i) text += levels;
    EXPECT_TRUE(write_file_atomically(request_.file, text));
    fs::remove_all(out());
    const auto report = write_capture_run(request_, out());
    EXPECT_TRUE(report) << report.error().what;
    return report ? report->remark : "";
  };
  EXPECT_THAT(captured(20, 16),
              HasSubstr("no response came within the stimulus's pulse of 20000 ns, and the "
                        "quickest 16000 ns after its end: if the payload answers the falling"));
  EXPECT_EQ(captured(5, 30), "") << "most answers come after so short a pulse";
}

TEST_F(CaptureRun, ResponsesThatNobodyAskedForAreInvalid) {
  const std::string asked = "1,0\n0,0\n0,1\n0,0\n";
  const std::string unasked = "0,1\n0,0\n";
  request_.file = folder_ / "noise.csv";
  request_.pairing.warm_up = 0;
  const std::string text = "; Channels (2/2): D2, D9\n; Samplerate: 1 MHz\n0,0\n" + asked + asked + unasked;
  ASSERT_TRUE(write_file_atomically(request_.file, text));
  const auto once = write_capture_run(request_, out());  // it may be to a stimulus from before the capture
  ASSERT_TRUE(once) << once.error().what;
  EXPECT_EQ(once->problem, "");
  fs::remove_all(out());
  ASSERT_TRUE(write_file_atomically(request_.file, text + unasked));
  const auto twice = write_capture_run(request_, out());
  ASSERT_TRUE(twice) << twice.error().what;
  EXPECT_THAT(twice->problem, HasSubstr("2 responses came when nothing was asked"));
  EXPECT_EQ(json("cells/preempt-rt.mixed/outcome.json")["outcome"], "invalid");
}

TEST_F(CaptureRun, AWarmUpStimulusWithoutAnAnswerIsInvalid) {
  request_.pairing.warm_up = 39;
  const auto report = write_capture_run(request_, out());
  ASSERT_TRUE(report) << report.error().what;
  EXPECT_EQ(report->problem, "1 of the 39 warm-up stimuli had no answer, and no rule counts those");
  EXPECT_EQ(json("cells/preempt-rt.mixed/outcome.json")["outcome"], "invalid");
}

TEST_F(CaptureRun, Refusals) {
  request_.pairing.warm_up = 40;
  EXPECT_THAT(problem(), HasSubstr("40 stimuli whose end it saw, and 40 of them are warm-up"));
  request_.pairing.warm_up = 0;
  request_.pairing.response_timeout_ns = 100'000;
  EXPECT_THAT(write_capture_run(request_, out()).error().what, HasSubstr("not above the deadline"));
  request_.pairing.response_timeout_ns = 300'000;
  request_.channels = {"D2", "D1"};
  EXPECT_THAT(problem(), HasSubstr("no channel D1"));
  request_.channels = {"D2", "D9"};
  request_.file = folder_ / "quiet.csv";
  ASSERT_TRUE(
      write_file_atomically(request_.file, "; Channels (2/2): D2, D9\n; Samplerate: 1 MHz\n0,0\n1,0\n0,0\n"));
  EXPECT_THAT(problem(), HasSubstr("channel D9 has no rising edge in 3 samples"));
  request_.stimulus_rises = false;
  ASSERT_TRUE(
      write_file_atomically(request_.file, "; Channels (2/2): D2, D9\n; Samplerate: 1 MHz\n0,0\n1,0\n"));
  EXPECT_THAT(problem(), HasSubstr("channel D2 has no falling edge"));
  fs::create_directories(out());
  EXPECT_THAT(write_capture_run(request_, out()).error().what, HasSubstr("exists"));
}

TEST(SigrokLive, Command) {
  EXPECT_THAT(
      sigrok_command({"fx2lafw", 24'000'000, std::chrono::seconds(2)}, {"D0", "D1"}, "out/capture.sr"),
      testing::ElementsAre("sigrok-cli", "--driver", "fx2lafw", "--config", "samplerate=24000000",
                           "--channels", "D0,D1", "--samples", "48000000", "--output-file",
                           "out/capture.sr"));
}

TEST(SigrokLive, ACaptureThatWouldNeverEndIsRefusedWithTheLongestPossible) {
  const auto fx2 = [](const char* driver, int seconds) {
    return check_length({driver, 24'000'000, std::chrono::seconds(seconds)});
  };
  EXPECT_TRUE(fx2("fx2lafw", 178));  // 4,272,000,000 samples
  const Status refused = fx2("fx2lafw:conn=1.4", 179);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("179 s at 24,000,000 Hz are 4,296,000,000 samples"));
  EXPECT_THAT(refused.error().next_step, HasSubstr("at most 178 s"));
  EXPECT_FALSE(fx2("dreamsourcelab-dslogic", 179));
  EXPECT_TRUE(fx2("demo", 179)) << "counts in 64 bits";
}

TEST_F(CaptureRun, NothingIsLeftOfACaptureThatWouldNeverEnd) {
  request_.live = LiveCapture{"fx2lafw", 24'000'000, std::chrono::seconds(600)};
  EXPECT_THAT(problem(), HasSubstr("would never end"));
  EXPECT_FALSE(fs::exists(out()));
}

}  // namespace
}  // namespace loopgate::capture_run_test
