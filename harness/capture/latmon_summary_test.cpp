#include "capture/latmon_summary.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <random>

#include "base/file.h"
#include "capture/latmon_file.h"

namespace loopgate::latmon_summary_test {
namespace {

// latmon's arithmetic, after its published source: late samples are folded into lower cells where `fold`, and
// the warm-up stands in the histogram alone where `warm_up` samples are given.
LatmonData measured(const std::vector<std::int64_t>& latencies_ns, const LatmonRequest& request, bool fold,
                    const std::vector<std::int64_t>& warm_up_ns = {}) {
  LatmonData data;
  data.request = request;
  data.histogram.assign(request.cells, 0);
  const auto sort = [&](std::int64_t ns, LatmonRecord* record) {
    std::int64_t us = ns / 1000;
    std::int64_t rest = us;
    while (rest > request.period_us) {
      if (record != nullptr) ++record->overruns;
      rest -= request.period_us;
    }
    if (fold) us = rest;
    ++data.histogram[static_cast<std::size_t>(std::min<std::int64_t>(us, request.cells - 1))];
  };
  for (const std::int64_t ns : warm_up_ns) sort(ns, nullptr);
  LatmonRecord record{0, UINT32_MAX, 0, 0, 0};
  for (const std::int64_t ns : latencies_ns) {
    record.sum_ns += static_cast<std::uint64_t>(ns);
    record.min_ns = std::min(record.min_ns, static_cast<std::uint32_t>(ns));
    record.max_ns = std::max(record.max_ns, static_cast<std::uint32_t>(ns));
    ++record.samples;
    sort(ns, &record);
  }
  data.records.push_back(record);
  return data;
}

TEST(LatmonSummary, NothingOfNothing) { EXPECT_FALSE(summarize(LatmonData{})); }

TEST(LatmonSummary, BoundsAreTheCells) {
  const auto data = measured({1500, 2500, 2600, 2700, 7700}, {1000, 10}, false);
  const auto summary = summarize(data);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->samples, 5U);
  EXPECT_EQ(summary->min_ns, 1500);
  EXPECT_EQ(summary->max_ns, 7700);
  EXPECT_DOUBLE_EQ(summary->mean_ns, 3400);
  EXPECT_EQ(summary->quantile[0], (LatencyRange{2000, 2999}));  // p50
  EXPECT_FALSE(summary->quantile[1]) << "5 samples have a p50 and no p90";
  EXPECT_EQ(count_above(data, *summary, 2000), (CountRange{1, 4}));
  EXPECT_EQ(count_above(data, *summary, 2999), (CountRange{1, 1}));
  EXPECT_EQ(count_above(data, *summary, 7700), (CountRange{0, 0}));
  EXPECT_EQ(count_above(data, *summary, 1499), (CountRange{5, 5}));
}

// The largest, which is known, ends the last cell.
TEST(LatmonSummary, AQuantileIsResolvedByEnoughSamples) {
  std::vector<std::int64_t> latencies(299, 2500);
  latencies[0] = latencies[1] = latencies[2] = 7700;
  const auto summary = summarize(measured(latencies, {1000, 10}, false));
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->quantile[2], (LatencyRange{7000, 7700}));
  EXPECT_FALSE(summary->quantile[3]);
}

TEST(LatmonSummary, WithoutAHistogramTheExtremesBound) {
  auto data = measured({1500, 2500, 2500, 2500, 7700}, {1000, 10}, false);
  data.histogram.clear();
  const auto summary = summarize(data);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->quantile[0], (LatencyRange{1500, 7700}));
  EXPECT_EQ(count_above(data, *summary, 2000), (CountRange{1, 5}));
}

// Whatever latmon did with warm-up and late samples, the truth lies within the bounds.
TEST(LatmonSummary, TheTruthIsAlwaysWithin) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    std::lognormal_distribution<double> draw(10 + round % 4, 0.2 + 0.1 * (round % 9));
    const auto drawn = [&] { return static_cast<std::int64_t>(std::min(draw(random), 4e9)); };
    std::vector<std::int64_t> latencies(1 + random() % 900);
    std::generate(latencies.begin(), latencies.end(), drawn);
    std::vector<std::int64_t> warm_up(round % 3 == 0 ? 0 : random() % 200);
    std::generate(warm_up.begin(), warm_up.end(), drawn);
    const auto data =
        measured(latencies, {100, 1 + static_cast<std::uint32_t>(random() % 400)}, round % 2 == 0, warm_up);
    const auto summary = summarize(data);
    ASSERT_TRUE(summary);
    std::sort(latencies.begin(), latencies.end());
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      const auto truth = latencies[nearest_rank(latencies.size(), quantiles[i].per_million) - 1];
      const auto& bounds = summary->quantile[i];
      if (!bounds) continue;
      EXPECT_LE(bounds->low_ns, truth) << quantiles[i].key << " in round " << round;
      EXPECT_GE(*bounds->high_ns, truth) << quantiles[i].key << " in round " << round;
    }
    for (const std::int64_t limit : {10'000, 30'000, 99'999, 500'000}) {
      const auto above = static_cast<std::uint64_t>(
          latencies.end() - std::upper_bound(latencies.begin(), latencies.end(), limit));
      const CountRange bounds = count_above(data, *summary, limit);
      EXPECT_LE(bounds.least, above) << "above " << limit << " in round " << round;
      EXPECT_GE(bounds.most, above) << "above " << limit << " in round " << round;
    }
  }
}

TEST(LatmonFile, SaysWhatIsNotKnown) {
  LatmonMeasurement measurement;
  measurement.data = measured({1500, 2500}, {1, 10}, true, {1'500});
  measurement.peer = "192.0.2.1:2306";
  const auto summary = summarize(measurement.data);
  ASSERT_TRUE(summary);
  const auto file =
      nlohmann::json::parse(to_json({"capture", "rpi-4b", "preempt-rt", "mixed"}, measurement, *summary));
  EXPECT_EQ(file["time_base"], "wall");
  EXPECT_EQ(file["complete"], true);
  EXPECT_EQ(file["samples"], 2);
  EXPECT_EQ(file["histogram"]["samples_of_no_record"], 1);
  EXPECT_EQ(file["not_known"].size(), 6U);
  EXPECT_FALSE(file.contains("worst"));
  EXPECT_TRUE(file["quantile_bounds_ns"]["p50"].is_null()) << "2 samples resolve none";
  EXPECT_THAT(to_text(measurement, *summary),
              ::testing::HasSubstr("  p50     -\n  p90     -\n  p99     -\n  p99_9   -\n  p99_99  -\n"
                                   "  - : too few stimuli for this quantile\n"));
}

class LatmonFileOnDisk : public testing::Test {
 protected:
  void TearDown() override { std::filesystem::remove(path_); }

  void write(const std::string& text) const { ASSERT_TRUE(write_file_atomically(path_, text)); }
  std::string good() const {
    LatmonMeasurement measurement;
    measurement.data = measured({1'500, 2'500, 300'000}, {200, 10}, true, {1'500});
    return to_json({"capture", "rpi-4b", "preempt-rt", "mixed"}, measurement, *summarize(measurement.data));
  }
  std::string problem_with(const std::string& pointer, const nlohmann::json& value) const {
    auto json = nlohmann::json::parse(good());
    json[nlohmann::json::json_pointer(pointer)] = value;
    write(json.dump());
    auto file = read_latmon_file(path_);
    if (file) return {};
    EXPECT_EQ(file.error().kind, ErrorKind::data);
    EXPECT_THAT(file.error().what, testing::HasSubstr(path_.filename().string()));
    return file.error().what;
  }

  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() / ("latmon." + std::to_string(::getpid()) + ".json");
};

TEST_F(LatmonFileOnDisk, ReadsBackWhatItHolds) {
  write(good());
  const auto file = read_latmon_file(path_);
  ASSERT_TRUE(file) << file.error().what;
  const auto data = measured({1'500, 2'500, 300'000}, {200, 10}, true, {1'500});
  EXPECT_EQ(file->data.records, data.records);
  EXPECT_EQ(file->data.histogram, data.histogram);
  EXPECT_EQ(file->data.request.period_us, 200U);
  EXPECT_EQ(file->board.kernel, "preempt-rt");
}

TEST_F(LatmonFileOnDisk, RefusesWhatWasAltered) {
  using testing::HasSubstr;
  EXPECT_THAT(problem_with("/complete", false), HasSubstr("contradicts"));
  EXPECT_THAT(problem_with("/time_base", "virtual"), HasSubstr("must be wall"));
  EXPECT_THAT(problem_with("/period_ns", 1), HasSubstr("period_ns"));
  EXPECT_THAT(problem_with("/overruns_at_end", -1), HasSubstr("overruns_at_end"));
  EXPECT_THAT(problem_with("/records/0/max_ns", 1'000), HasSubstr("above its largest"));
  EXPECT_THAT(problem_with("/records/0/samples", 4'294'967'296), HasSubstr("out of range"));
  EXPECT_THAT(problem_with("/records", nlohmann::json::array()), testing::_);
  EXPECT_THAT(problem_with("/histogram/count/1", -1), HasSubstr("out of range"));
  EXPECT_THAT(problem_with("/histogram/count/1", 0), HasSubstr("the histogram holds"));
  EXPECT_THAT(problem_with("/histogram/cell_ns", 100), HasSubstr("1000"));
  EXPECT_THAT(problem_with("/kernel", "generic"), HasSubstr("sha256"));
  write(good().substr(0, 100));
  EXPECT_FALSE(read_latmon_file(path_));
  std::filesystem::remove(path_);
  EXPECT_FALSE(read_latmon_file(path_));
}

}  // namespace
}  // namespace loopgate::latmon_summary_test
