// Does the engine measure what a policy does? Made-up replicates whose truth is known.
#include "calibrate/error_rates.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "calibrate/plants.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::error_rates_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MadeUpReplicates;
using testing::make_policy;
using testing::make_virtual_statistics;

constexpr const char* by_replicates =
    "title = \"t\"\nsuite = \"irq-to-gpio\"\ntime_base = \"virtual\"\ncount = \"replicates\"\n";
constexpr std::size_t replicates = 8;

// As a kernel's latencies are: a median of 20 us and a short tail.
std::vector<std::int64_t> replicate(std::mt19937_64* random, double scale, std::size_t stimuli) {
  std::lognormal_distribution<double> latency(std::log(20'000.0 * scale), 0.05);
  std::vector<std::int64_t> latencies(stimuli);
  for (std::int64_t& each : latencies) each = static_cast<std::int64_t>(latency(*random));
  return latencies;
}

// Variants of two kernels under one load; `scale_of` gives by how much a variant's figures are off.
template <class ScaleOf>
ReplicatePool made_up_pool(std::size_t variants, const ScaleOf& scale_of, std::size_t stimuli = 300) {
  std::mt19937_64 random(1);
  std::vector<Comparison> all;
  std::vector<std::string> names;
  for (std::size_t variant = 0; variant < variants; ++variant) {
    std::vector<MadeUpReplicates> groups;
    for (const char* kernel : {"a", "b"}) {
      MadeUpReplicates group{kernel, "mixed", {}};
      for (std::size_t i = 0; i < replicates; ++i)
        group.replicates.push_back(replicate(&random, scale_of(variant), stimuli));
      groups.push_back(std::move(group));
    }
    all.push_back(make_virtual_statistics(groups));
    names.push_back("variants/" + std::to_string(variant + 1));
  }
  auto pool = pool_variants(all, names);
  EXPECT_TRUE(pool) << pool.error().what;
  return std::move(*pool);
}

ReplicatePool equal_pool() {
  return made_up_pool(4, [](std::size_t) { return 1.0; });
}

Calibration rates(const ReplicatePool& pool, const Policy& policy, RateRequest request = {100, 1, 2}) {
  Calibration calibration;
  const Status done = compute_rates(pool, policy, request, &calibration);
  EXPECT_TRUE(done) << done.error().what;
  return calibration;
}

const BoundedShare& found(const Calibration& calibration, const std::string& plant,
                          const std::string& kernel) {
  const auto it = std::ranges::find_if(calibration.found, [&](const FoundRegression& each) {
    return each.plant == plant && each.kernel == kernel;
  });
  EXPECT_NE(it, calibration.found.end()) << plant << " " << kernel;
  return it->found;
}

std::string baseline_rule(const std::string& quantity, double max_ratio) {
  return "[[baseline]]\nkernel = \"a\"\nload = \"mixed\"\nquantity = \"" + quantity +
         "\"\nmax_ratio = " + std::to_string(max_ratio) + "\n";
}

TEST(ErrorRates, EachJudgedDrawIsToldOnce) {
  std::vector<std::uint64_t> told;
  RateRequest request{20, 1, 2};
  request.on_draw = [&](std::uint64_t judged) { told.push_back(judged); };
  rates(equal_pool(), make_policy(baseline_rule("p50", 1.01), by_replicates), request);
  ASSERT_EQ(told.size(), 20U);
  EXPECT_TRUE(std::ranges::is_sorted(told));
  EXPECT_EQ(told.back(), 20U);
}

TEST(ErrorRates, EqualVariantsAreHardlyEverFailed) {
  const Calibration calibration = rates(equal_pool(), make_policy(baseline_rule("p50", 1.01), by_replicates));
  EXPECT_EQ(calibration.draws.count, 100U);
  EXPECT_LE(calibration.draws.fail.seen, 2U);
  EXPECT_GE(calibration.draws.pass.seen, 90U);
  EXPECT_EQ(calibration.pairs.count, 12U);
  EXPECT_EQ(calibration.draws.fail.of, 100U);
  EXPECT_LE(calibration.draws.fail.low, static_cast<double>(calibration.draws.fail.seen) / 100);
  EXPECT_GT(calibration.draws.fail.high, static_cast<double>(calibration.draws.fail.seen) / 100);
  EXPECT_THAT(calibration.draws.refers_to, HasSubstr("8 replicates from these 32 of"));
  for (const VariantTest& test : calibration.tests) EXPECT_GT(test.p, 0.001) << test.kernel << test.quantity;
}

TEST(ErrorRates, APlantedRegressionIsFoundInTheKernelThatHasIt) {
  const Calibration calibration = rates(equal_pool(), make_policy(baseline_rule("p50", 1.01), by_replicates));
  EXPECT_GE(found(calibration, "p50_up_2_percent", "a").seen, 90U);
  EXPECT_LE(found(calibration, "event_of_150_us", "a").seen, 2U) << "a median does not see a rare event";
  EXPECT_THAT(calibration.not_judged, ElementsAre("b x mixed"));
}

TEST(ErrorRates, MoreReplicatesFindMore) {
  const ReplicatePool pool = equal_pool();
  const Policy policy = make_policy(baseline_rule("p50", 1.018), by_replicates);
  const Calibration of_4 = rates(pool, policy, {100, 1, 2, 4});
  const Calibration of_16 = rates(pool, policy, {100, 1, 2, 16});
  EXPECT_EQ(of_16.drawn_replicates, 16U);
  EXPECT_GT(found(of_16, "p50_up_2_percent", "a").seen, found(of_4, "p50_up_2_percent", "a").seen);
  Calibration none;
  const Status refused = compute_rates(pool, policy, {100, 1, 2, 17}, &none);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "a run and its baseline of 17 replicates cannot be drawn from 32 in all");
}

TEST(ErrorRates, APolicyThatCanFindNothingSaysSo) {
  const std::string budget = "[[budget]]\nkernel = \"*\"\nload = \"mixed\"\nmax_us = 900000\n";
  const Calibration calibration = rates(equal_pool(), make_policy(budget, by_replicates));
  EXPECT_EQ(calibration.draws.fail.seen, 0U);
  ASSERT_EQ(calibration.found.size(), 2 * plant_count);
  for (const FoundRegression& each : calibration.found) EXPECT_EQ(each.found.seen, 0U) << each.plant;
}

TEST(ErrorRates, APolicyThatCriesWolfSaysSo) {
  const Calibration calibration = rates(equal_pool(), make_policy(baseline_rule("p50", 0.9), by_replicates));
  EXPECT_EQ(calibration.draws.fail.seen, 100U);
  ASSERT_EQ(calibration.false_alarms.size(), 2U);
  EXPECT_EQ(calibration.false_alarms[0].kernel, "a");
  EXPECT_EQ(calibration.false_alarms[0].seen.seen, 100U);
  EXPECT_EQ(calibration.false_alarms[1].seen.seen, 0U) << "b has no rule that could fail it";
  EXPECT_GT(calibration.false_alarms[1].seen.high, 0.0);
  EXPECT_GT(calibration.draws.fail.low, 0.96);
  EXPECT_EQ(calibration.pairs.fail.seen, 12U);
}

TEST(ErrorRates, VariantsThatDifferAreTold) {
  const ReplicatePool pool =
      made_up_pool(4, [](std::size_t variant) { return 1.0 + 0.02 * static_cast<double>(variant); });
  const Calibration calibration = rates(pool, make_policy(baseline_rule("p50", 1.01), by_replicates));
  EXPECT_GT(calibration.pairs.fail.seen, 3U) << "a variant above another by 2 % and more";
  for (const VariantTest& test : calibration.tests)
    if (test.quantity == "p50") EXPECT_LT(test.p, 0.001) << test.kernel;
}

TEST(ErrorRates, FollowFromTheSeedAloneAndNotFromTheJobs) {
  const ReplicatePool pool = equal_pool();
  const Policy policy = make_policy(
      baseline_rule("p99", 1.02) + "[[budget]]\nkernel = \"b\"\nload = \"*\"\nmax_us = 26\n", by_replicates);
  const std::string one = to_json(rates(pool, policy, {20, 1, 1}));
  EXPECT_EQ(to_json(rates(pool, policy, {20, 1, 3})), one);
  EXPECT_NE(to_json(rates(pool, policy, {20, 2, 3})), one);
}

TEST(ErrorRates, AnEventBeyondTheDeadlineCountsAsLate) {
  const std::string budget = "[[budget]]\nkernel = \"a\"\nload = \"mixed\"\nlate = 0\n";
  std::mt19937_64 random(1);
  std::vector<Comparison> all;
  for (int variant = 0; variant < 2; ++variant) {
    MadeUpReplicates group{"a", "mixed", {}};
    for (std::size_t i = 0; i < replicates; ++i) group.replicates.push_back(replicate(&random, 1, 1'250));
    all.push_back(make_virtual_statistics({group}));
    all.back().deadline_ns = 100'000;
  }
  const ReplicatePool pool = pool_variants(all, {"1", "2"}).value();
  const Calibration calibration = rates(pool, make_policy(budget, by_replicates));
  EXPECT_EQ(calibration.draws.fail.seen, 0U);
  EXPECT_GE(found(calibration, "event_of_150_us", "a").seen, 94U) << "1 - (1 - 1 / 2000)^10000 is 99.3 %";
  EXPECT_EQ(found(calibration, "p50_up_2_percent", "a").seen, 0U);
}

TEST(ErrorRates, ALimitByTheHourIsRefusedByName) {
  const Policy policy = make_policy(
      "[[budget]]\nkernel = \"a\"\nload = \"mixed\"\nexceed = { over_us = 100, max_per_hour = 1.0 }\n");
  Calibration none;
  const Status refused = compute_rates(equal_pool(), policy, {100, 1, 2}, &none);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("has a limit by the hour"));
}

TEST(ErrorRates, APolicyThatDoesNotFitIsRefusedByName) {
  Calibration calibration;
  const std::string rule = "[[budget]]\nkernel = \"c\"\nload = \"mixed\"\nmax_us = 100\n";
  const Status done = compute_rates(equal_pool(), make_policy(rule, by_replicates), {10, 1, 1}, &calibration);
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::usage);
  EXPECT_THAT(done.error().what, HasSubstr("kernel c under load mixed"));
}

TEST(ReplicatePool, RefusesWhatIsNotMeasuredByName) {
  const auto variant = [](std::size_t count, std::vector<UnmeasuredCell> invalid) {
    MadeUpReplicates group{"a", "mixed", {}, std::move(invalid)};
    group.replicates.assign(count, std::vector<std::int64_t>(10, 20'000));
    return make_virtual_statistics({group});
  };
  const auto refusal = [](const std::vector<Comparison>& variants) {
    const auto pool = pool_variants(variants, {"variants/1", "variants/2"});
    EXPECT_FALSE(pool);
    return pool ? Error{} : pool.error();
  };
  const Error invalid =
      refusal({variant(2, {}), variant(1, {{"a.mixed.2", "invalid", "the load stood still"}})});
  EXPECT_EQ(invalid.kind, ErrorKind::infrastructure);
  EXPECT_THAT(invalid.what, HasSubstr("variants/2: the cell a.mixed.2 is not measured"));
  EXPECT_THAT(invalid.what, HasSubstr("the load stood still"));
  EXPECT_EQ(refusal({variant(2, {}), variant(1, {{"a.mixed.2", "kernel_failed", "panic"}})}).kind,
            ErrorKind::kernel);
  EXPECT_THAT(refusal({variant(2, {}), variant(3, {})}).what, HasSubstr("has 3 replicates"));
}

// What was measured as one stays one, drift included; what is drawn has no order in time.
TEST(ReplicatePool, KeepsTheDriftOfWholeVariants) {
  std::vector<Comparison> variants;
  for (int i = 0; i < 2; ++i) {
    MadeUpReplicates group{"a", "mixed", {}};
    group.replicates.assign(2, std::vector<std::int64_t>(10, 20'000 + i));
    variants.push_back(make_virtual_statistics({group}));
  }
  variants[1].groups[0].stationarity.result = Steadiness::drifts;
  const ReplicatePool pool = pool_variants(variants, {"1", "2"}).value();
  EXPECT_EQ(whole_variant(pool, 0).groups[0].stationarity.result, Steadiness::not_tested);
  const Comparison second = whole_variant(pool, 1);
  EXPECT_EQ(second.groups[0].stationarity.result, Steadiness::drifts);
  EXPECT_EQ(second.groups[0].summary.latency->min, 20'001);
  EXPECT_EQ(run_of(pool, {2, 3}).groups[0].stationarity.result, Steadiness::not_tested);
}

// What each regression does to a replicate, in figures.
TEST(Plants, AddWhatTheirNamesSay) {
  const ReplicatePool pool = made_up_pool(2, [](std::size_t) { return 1.0; }, 20'000);
  const PooledGroup& group = pool.groups.front();
  const auto added = added_by_plants(group);
  const PooledReplicate& replicate = group.replicates.front();
  const Latencies& sound = replicate.statistics.latencies;
  const LatencyFigures before = *figures_of(sound.answered_ns);
  RandomDraws random(1);
  std::vector<LatencyFigures> after;
  for (std::size_t plant = 0; plant < plant_count; ++plant) {
    const Latencies worse = planted(replicate, plant, added[plant], &random).sorted;
    EXPECT_TRUE(std::ranges::is_sorted(worse.answered_ns)) << plant;
    EXPECT_EQ(worse.answered_ns.size(), sound.answered_ns.size());
    after.push_back(*figures_of(worse.answered_ns));
  }
  const auto ratio = [&](std::size_t plant, const char* key) {
    return *figure(after[plant], key) / *figure(before, key);
  };
  EXPECT_NEAR(ratio(0, "p50"), 1.02, 0.001);
  EXPECT_NEAR(ratio(0, "min"), 1.025, 0.01);
  EXPECT_NEAR(ratio(1, "p99"), 1.10, 0.0001);
  EXPECT_EQ(ratio(1, "p50"), 1);
  EXPECT_NEAR(ratio(2, "p99"), 1.10, 0.01);
  EXPECT_NEAR(ratio(2, "p50"), 1, 0.002);
  EXPECT_NEAR(ratio(3, "p99"), 1, 0.005);
  EXPECT_NEAR(*figure(after[3], "max"), *figure(before, "p50") + 150'000, 8'000);
  EXPECT_NEAR(after[3].mean - before.mean, 75, 40) << "150 us in 1 of 2,000";
  EXPECT_NEAR(after[4].mean - before.mean, 125, 40) << "25 us in 1 of 200";
}

// The planted latencies are those of the course, in order: what comes in clusters is counted among them.
TEST(Plants, ArePlantedInTime) {
  const std::int64_t slow = 90'000;
  MadeUpReplicates made_up{"a", "mixed", {}};
  for (int i = 0; i < 2; ++i) {
    std::vector<std::int64_t> latencies(1'000, 20'000);
    for (const std::size_t at : {10U, 11U, 500U}) latencies[at] = slow;
    latencies[20] = 2'000'000;
    latencies[21] = testing::not_sent;
    latencies[999] = testing::never_answered;
    made_up.replicates.push_back(std::move(latencies));
  }
  const Comparison variant = make_virtual_statistics({made_up});
  const ReplicatePool pool = pool_variants({variant, variant}, {"1", "2"}).value();
  const PooledReplicate& replicate = pool.groups.front().replicates.front();
  const LatencyList& before = replicate.replicate.course->latency_ns;
  for (std::size_t plant = 0; plant < plant_count; ++plant) {
    RandomDraws random(7);
    const PooledReplicate worse =
        with_latencies(replicate, planted(replicate, plant, 150'000, &random), 1'000'000);
    const Course& course = *worse.replicate.course;
    EXPECT_EQ(course.due, replicate.replicate.course->due);
    std::vector<std::int64_t> answered;
    for (std::size_t i = 0; i < course.latency_ns.size(); ++i)
      if (i != 21 && i != 999) answered.push_back(course.latency_ns[i]);
    std::ranges::sort(answered);
    EXPECT_EQ(answered, worse.statistics.latencies.answered_ns) << plant;
    EXPECT_EQ(course.latency_ns[999], before[999]) << "no answer is no later for it";
    EXPECT_EQ(course.latency_ns[21] - before[21], plant == 0 ? 150'000 : 0)
        << "it waits for one that is answered";
  }
  RandomDraws random(7);
  const Course slowest = planted(replicate, 1, 0, &random).in_time;
  EXPECT_EQ(slowest.latency_ns[10], slow + slow / 10);
  EXPECT_EQ(slowest.latency_ns[500], slow + slow / 10);
  EXPECT_EQ(slowest.latency_ns[0], 22'000) << "20 of 998, of equal ones the first";
  EXPECT_EQ(slowest.latency_ns[900], 20'000);
}

}  // namespace
}  // namespace loopgate::error_rates_test
