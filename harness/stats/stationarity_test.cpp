#include "stats/stationarity.h"

#include <gmock/gmock.h>

#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <random>

namespace loopgate::stationarity_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

using Random = std::mt19937_64;

double uniform(Random* random) { return static_cast<double>((*random)() >> 11U) * 0x1p-53; }

// The latency of a stimulus at `time`, from 0 to 1, of the run.
using Draw = std::function<double(double time)>;

Course course_of(std::size_t count, const Draw& draw) {
  Course course;
  std::vector<std::int64_t> due_ns;
  for (std::size_t i = 0; i < count; ++i) {
    due_ns.push_back(static_cast<std::int64_t>(i) * 1'000'000);
    course.latency_ns.push_back(
        static_cast<std::int64_t>(draw(static_cast<double>(i) / static_cast<double>(count))));
  }
  course.due = block_times_of(due_ns);
  return course;
}

// A usual latency of about 10 us, and now and then one of up to 300 us, by the share at that time.
std::vector<Course> courses_of(std::size_t replicates, std::size_t count, Random* random,
                               const std::function<double(double)>& share_at) {
  std::vector<Course> courses;
  for (std::size_t i = 0; i < replicates; ++i)
    courses.push_back(course_of(count, [&](double time) {
      const double usual = 9'000 + 2'000 * uniform(random);
      return uniform(random) < share_at(time) ? usual + 300'000 * uniform(random) : usual;
    }));
  return courses;
}

// Each stimulus in a hundred and fifty begins some, about five, that are all slow, as one long munmap does.
std::vector<Course> bursts_of(std::size_t replicates, std::size_t count, Random* random) {
  std::vector<Course> courses;
  for (std::size_t i = 0; i < replicates; ++i) {
    int left = 0;
    courses.push_back(course_of(count, [&](double) {
      if (left == 0 && uniform(random) < 1.0 / 150)
        left = 1 + static_cast<int>(-4 * std::log(uniform(random)));
      const double usual = 9'000 + 2'000 * uniform(random);
      if (left == 0) return usual;
      --left;
      return usual + 300'000 * uniform(random);
    }));
  }
  return courses;
}

// Each latency is mostly that of the one before.
std::vector<Course> sluggish(std::size_t replicates, std::size_t count, Random* random) {
  std::vector<Course> courses;
  for (std::size_t i = 0; i < replicates; ++i) {
    double state = 0;
    courses.push_back(course_of(count, [&](double) {
      state = 0.9 * state + uniform(random) - 0.5;
      return 10'000 * std::exp(0.3 * state);
    }));
  }
  return courses;
}

int alarms(int runs, const std::function<std::vector<Course>()>& make) {
  int found = 0;
  for (int run = 0; run < runs; ++run) found += stationarity_of(make()).result == Steadiness::drifts ? 1 : 0;
  return found;
}

double one_in_sixty(double) { return 1.0 / 60; }

// 0.1 % of 400 runs are 0.4; more than 3 are as rare as 1 in 1,000.
TEST(Stationarity, IsSeldomDeniedToWhatHasIt) {
  Random random(1);
  EXPECT_LE(alarms(400, [&] { return courses_of(8, 250, &random, one_in_sixty); }), 3);
  EXPECT_LE(alarms(400, [&] { return courses_of(1, 1'000, &random, one_in_sixty); }), 3);
}

TEST(Stationarity, IsSeldomDeniedWhereNeighboursDependOnEachOther) {
  Random random(2);
  EXPECT_LE(alarms(400, [&] { return bursts_of(8, 400, &random); }), 3);
  EXPECT_LE(alarms(400, [&] { return bursts_of(3, 800, &random); }), 3);
  EXPECT_LE(alarms(400, [&] { return sluggish(4, 800, &random); }), 3);
}

// What the virtual bench's replicates do: they begin at one saved state, so a load's bursts fall on the same
// moments in each of them. Each phase, three times and a half within the run.
TEST(Stationarity, IsNotDeniedByBurstsThatComeAgain) {
  Random random(3);
  int found = 0;
  for (int phase = 0; phase < 40; ++phase)
    found += alarms(1, [&] {
      return courses_of(8, 400, &random, [&](double time) {
        return std::fmod(3.5 * time + phase / 40.0, 1.0) < 0.3 ? 0.04 : 0.001;
      });
    });
  EXPECT_EQ(found, 0);
  const auto shares = [](double time) { return std::fmod(3.5 * time, 1.0) < 0.3 ? 0.04 : 0.001; };
  const Stationarity shared = stationarity_of(courses_of(8, 1'250, &random, shares));
  EXPECT_GT(shared.shared.value_or(0), 3);
  EXPECT_THAT(shared.says, HasSubstr("; its bursts fall at the same moments in all replicates"));
  const Stationarity apart = stationarity_of(courses_of(8, 1'250, &random, one_in_sixty));
  EXPECT_LT(apart.shared.value_or(9), 2);
  EXPECT_FALSE(stationarity_of(courses_of(2, 1'250, &random, shares)).shared);
}

// The shares above p99 of the ten tenths that load mixed had when its vm stressor walked through all methods
// (generic, 10,000 stimuli): bursts of 600 us that quieted after 4 s.
TEST(Stationarity, FindsTheDriftOfALoadThatChangedWhatItDid) {
  constexpr std::array<double, 10> shares = {0.016, 0.019, 0.022, 0.004, 0.005,
                                             0.002, 0.004, 0.005, 0.010, 0.013};
  Random random(4);
  EXPECT_GE(alarms(20,
                   [&] {
                     return courses_of(3, 4'000, &random, [&](double time) {
                       return shares.at(static_cast<std::size_t>(10 * time));
                     });
                   }),
            12);
}

TEST(Stationarity, FindsALoadThatHasNotSettledAndSaysWhenItHas) {
  Random random(5);
  const auto share_at = [](double time) { return time < 0.28 ? 0.03 : 0.004; };
  EXPECT_EQ(alarms(10, [&] { return courses_of(8, 1'250, &random, share_at); }), 10);
  const Stationarity found = stationarity_of(courses_of(8, 1'250, &random, share_at));
  EXPECT_THAT(found.says, StartsWith("drifts: the share above "));
  EXPECT_THAT(found.says, HasSubstr("in the four quarters of its time (p 5e-05); settle_ms raised by "));
  ASSERT_TRUE(found.more_settle_ns);
  EXPECT_GE(*found.more_settle_ns, 250'000'000) << "a replicate's 1,250 stimuli take 1.25 s";
  EXPECT_LE(*found.more_settle_ns, 500'000'000);
  ASSERT_EQ(found.blocks.size(), course_blocks);
  EXPECT_GT(found.blocks[2].share_above, found.blocks[30].share_above);
  EXPECT_EQ(found.blocks[0].begin_ns, 0);
}

TEST(Stationarity, ASlopeOverAllOfTheTimeNeverSettles) {
  Random random(6);
  const Stationarity found = stationarity_of(
      courses_of(4, 4'000, &random, [](double time) { return time < 0.05 ? 0.0 : 0.03 * time; }));
  EXPECT_EQ(found.result, Steadiness::drifts);
  EXPECT_FALSE(found.more_settle_ns);
  EXPECT_THAT(found.says, HasSubstr("no settle_ms up to half of its time"));
}

TEST(Stationarity, IsOfTheMedianToo) {
  Random random(7);
  const auto rising = [&](double by) {
    return std::vector<Course>{
        course_of(4'000, [&](double time) { return (9'000 + 2'000 * uniform(&random)) * (1 + by * time); })};
  };
  EXPECT_THAT(stationarity_of(rising(0.05)).says, HasSubstr("the median is "));
  EXPECT_EQ(stationarity_of(rising(0.005)).result, Steadiness::stationary)
      << "nobody would act on so small a change";
}

// Neither alone is rare enough to say so of one replicate, and both together are.
TEST(Stationarity, OfOneReplicateIsDeniedByBothFiguresTogether) {
  Random random(11);
  int together = 0;
  for (int run = 0; run < 20; ++run) {
    const Stationarity found = stationarity_of({course_of(4'000, [&](double time) {
      const double usual = (9'000 + 2'000 * uniform(&random)) * (time < 0.4 ? 1.025 : 1);
      return uniform(&random) < (time < 0.4 ? 0.016 : 0.006) ? usual + 300'000 * uniform(&random) : usual;
    })});
    const bool alone = found.p_median <= 0.0002 || found.p_tail <= 0.0002;
    if (found.result == Steadiness::drifts && !alone) ++together;
  }
  EXPECT_GT(together, 0);
}

TEST(Stationarity, IsOfTheSameFiguresEachTime) {
  Random random(8);
  const auto courses = courses_of(3, 1'000, &random, one_in_sixty);
  EXPECT_EQ(stationarity_of(courses).says, stationarity_of(courses).says);
}

TEST(Stationarity, OfEqualLatenciesIsGiven) {
  const std::vector<Course> courses(3, course_of(500, [](double) { return 10'000; }));
  const Stationarity found = stationarity_of(courses);
  EXPECT_EQ(found.result, Steadiness::stationary);
  EXPECT_EQ(found.p_median, 1);
  EXPECT_EQ(found.p_tail, 1);
}

TEST(Stationarity, TakesUnansweredStimuliForTheSlowest) {
  Random random(9);
  auto courses = courses_of(3, 2'000, &random, one_in_sixty);
  for (Course& course : courses)
    for (std::size_t i = 0; i < 200; i += 10) course.latency_ns.set(i, no_answer_ns);
  EXPECT_EQ(stationarity_of(courses).result, Steadiness::drifts);
}

TEST(Stationarity, IsNotTestedOfTooFew) {
  Random random(10);
  for (const auto& [replicates, count] : {std::pair<std::size_t, std::size_t>{8, 199}, {4, 249}, {1, 999}}) {
    const Stationarity found = stationarity_of(courses_of(replicates, count, &random, one_in_sixty));
    EXPECT_EQ(found.result, Steadiness::not_tested);
    EXPECT_EQ(found.says, "not tested: it takes 1,000 stimuli, and 200 of each replicate");
    EXPECT_TRUE(found.blocks.empty());
  }
  EXPECT_EQ(stationarity_of({}).result, Steadiness::not_tested);
  EXPECT_NE(stationarity_of(courses_of(5, 200, &random, one_in_sixty)).result, Steadiness::not_tested);
}

TEST(Stationarity, IsNamedInOneWay) {
  for (const auto each : {Steadiness::not_tested, Steadiness::stationary, Steadiness::drifts})
    EXPECT_EQ(steadiness_named(name_of(each)), each);
  EXPECT_FALSE(steadiness_named("maybe"));
}

}  // namespace
}  // namespace loopgate::stationarity_test
