#include "stats/beside.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "stats/histogram_tail.h"

namespace loopgate::beside_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

// 99 cycles of 5 us, cut, and one that is beyond the histogram of 20 bins.
ProgramReplicate replicate(std::int64_t measured_ns = 1'000'000) {
  LatencyHistogram histogram;
  histogram.bin_width_ns = histogram.resolution_ns = 1'000;
  histogram.count.resize(20);
  histogram.count[5] = 99;
  histogram.overflow = 1;
  histogram.min_ns = 5'000;
  histogram.max_ns = 27'000;
  ProgramReplicate made;
  made.cell = "rt.mixed";
  made.result.verdict = ProgramVerdict::pass;
  made.result.figures = {{"cycles", 100, "cycles", "", 0}, {"mean", 5.4, "us", "CLOCK_MONOTONIC", 1}};
  made.result.histogram = histogram;
  made.tail = std::make_shared<HistogramTail>(HistogramTail::make(histogram).value());
  made.beside = TimeBeside{1'000'000, measured_ns};
  return made;
}

GroupEvidence group_of(std::vector<ProgramReplicate> replicates) {
  GroupEvidence group;
  LatencyFigures pin;
  pin.min = 17'500;
  pin.quantile[0] = 18'800;
  pin.mean = 19'000.4;
  pin.max = 41'000;
  group.summary.latency = pin;
  group.summary.counts.count = 200;
  group.programs = {{"cyclictest", std::move(replicates)}};
  return group;
}

const FigureBeside& figure(const Beside& beside, std::string_view name) {
  return *std::ranges::find_if(beside.figures, [&](const FigureBeside& each) { return each.name == name; });
}

TEST(Beside, HasTheDifferenceAsFarAsTheProgramsBinsTellIt) {
  const auto beside = beside_of(group_of({replicate(), replicate()}));
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->stimuli, 200U);
  EXPECT_EQ(beside->cycles, 200U);
  EXPECT_EQ(figure(*beside, "p50").program, (LatencyRange{5'000, 5'999}));
  EXPECT_EQ(figure(*beside, "p50").more_by_pin, (LatencyRange{12'801, 13'800}));
  EXPECT_EQ(figure(*beside, "min").more_by_pin, (LatencyRange{11'501, 12'500}));
  EXPECT_EQ(figure(*beside, "mean").program, (LatencyRange{5'400, 6'399}));
  EXPECT_EQ(figure(*beside, "max").program, (LatencyRange{27'000, 27'999}));
  EXPECT_EQ(figure(*beside, "max").more_by_pin, (LatencyRange{13'001, 14'000}));
  EXPECT_EQ(
      beside->says,
      "median 18.8 us by the pin, 5.00 to 6.00 us by cyclictest; max 41.0 us by the pin, 27.0 to 28.0 us "
      "by cyclictest (self-measured, 200 cycles)");
}

// What the gate judges by, too.
TEST(Beside, TakesTheMeansOwnResolution) {
  ProgramReplicate fine = replicate();
  fine.result.figures[1].resolution = 0.001;
  EXPECT_EQ(figure(*beside_of(group_of({fine})), "mean").program, (LatencyRange{5'400, 5'400}));
  EXPECT_EQ(figure(*beside_of(group_of({fine, replicate()})), "mean").program, (LatencyRange{5'400, 6'399}));
}

TEST(Beside, SaysOverWhichTimeOneMeasuredThatEndedEarly) {
  EXPECT_THAT(beside_of(group_of({replicate()}))->says, Not(HasSubstr("early")));
  const auto beside = beside_of(group_of({replicate(), replicate(250'000)}));
  EXPECT_EQ(beside->time.measured_ns, 1'250'000);
  EXPECT_THAT(beside->says,
              HasSubstr("cyclictest ended early: it measured over 62.5 % of the time in which stimuli came"));
}

TEST(Beside, IsNothingWhereAFigureCannotBeBelieved) {
  ProgramReplicate dead = replicate();
  dead.result.verdict = ProgramVerdict::invalid;
  EXPECT_FALSE(beside_of(group_of({replicate(), dead})));
  ProgramReplicate alone = replicate();
  alone.beside.reset();
  EXPECT_FALSE(beside_of(group_of({alone}))) << "it ran in place of a payload";
  EXPECT_FALSE(beside_of(group_of({})));
  GroupEvidence unanswered = group_of({replicate()});
  unanswered.summary.latency.reset();
  EXPECT_FALSE(beside_of(unanswered));
}

TEST(Beside, DrawsTheProgramsOwnBinsAndWhatIsBeyondThem) {
  const Histogram bins = histogram_beside(group_of({replicate(), replicate()}));
  EXPECT_THAT(bins.lower_ns, ElementsAre(5'000, 20'000));
  EXPECT_THAT(bins.upper_ns, ElementsAre(6'000, 28'000));
  EXPECT_THAT(bins.count, ElementsAre(198U, 2U));
}

TEST(Beside, IsWrittenWithItsBounds) {
  const auto json = to_json(*beside_of(group_of({replicate()})));
  EXPECT_EQ(json["program"], "cyclictest");
  EXPECT_EQ(json["figures"][0].dump(),
            R"({"name":"min","pin_ns":17500,"program_ns":[5000,5999],"more_by_pin_ns":[11501,12500]})");
}

}  // namespace
}  // namespace loopgate::beside_test
