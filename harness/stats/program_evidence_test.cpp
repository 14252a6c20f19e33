#include "stats/program_evidence.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace loopgate::program_evidence_test {
namespace {

ProgramResult with(std::vector<ProgramFigure> figures) {
  ProgramResult result;
  result.verdict = ProgramVerdict::pass;
  result.figures = std::move(figures);
  return result;
}

std::string chief_of(std::vector<ProgramFigure> figures) {
  const ProgramResult result = with(std::move(figures));
  const ProgramFigure* chief = chief_figure(result);
  return chief == nullptr ? "none" : chief->name;
}

// As the adapters give them: cyclictest, rtla-timerlat, google-benchmark on both time bases, hackbench.
TEST(ChiefFigure, IsTheOneThatPeopleLookAt) {
  EXPECT_EQ(
      chief_of({{"cycles", 2'000, "cycles", "", 0}, {"mean", 7, "us", "", 0}, {"max", 18, "us", "", 0}}),
      "max");
  EXPECT_EQ(chief_of({{"max of the interrupt", 3, "us", "", 0}, {"max of the thread", 9, "us", "", 0}}),
            "max of the thread");
  EXPECT_EQ(chief_of({{"mean", 452, "ns", "", 0},
                      {"iterations", 1'000, "iterations", "", 0},
                      {"instructions", 452, "instructions", "", 0}}),
            "instructions");
  EXPECT_EQ(chief_of({{"iterations", 1'000, "iterations", "", 0}, {"mean", 452, "ns", "", 0}}), "mean");
  EXPECT_EQ(chief_of({{"messages", 40, "messages", "", 0}, {"time", 0.1, "s", "", 0}}), "time");
  EXPECT_EQ(chief_of({{"rate", 3, "a second", "", 0}}), "rate");
  EXPECT_EQ(chief_of({}), "none");
}

TEST(ChiefFigure, StandsInComparisonJson) {
  const ProgramEvidence evidence{"x",
                                 {{"rt.idle.1", with({{"rate", 3, "a second", "", 0}}), nullptr, {}},
                                  {"rt.idle.2", with({}), nullptr, {}}}};
  const auto json = to_json(std::vector{evidence});
  EXPECT_EQ(json[0]["replicates"][0]["chief"], "rate");
  EXPECT_TRUE(json[0]["replicates"][1]["chief"].is_null());
}

}  // namespace
}  // namespace loopgate::program_evidence_test
