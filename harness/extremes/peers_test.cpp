// Our fits against those that others wrote, on the same data: SciPy, and R's evd where it is installed.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/process.h"
#include "extremes/gev.h"
#include "extremes/goodness.h"
#include "extremes/pareto.h"
#include "extremes/testing/samples.h"

namespace loopgate::peers_test {
namespace {

using nlohmann::json;
using testing::Random;
using testing::uniform;

class Peers : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    Random random(41);
    for (int i = 0; i < 300; ++i) excesses_.push_back(pareto_excess(0.15, 1'200, uniform(&random)));
    for (int i = 0; i < 200; ++i)
      maxima_.push_back(gev_level(30'000, 900, -0.1, -std::log(uniform(&random))));
    Program program;
    program.argv = {"/usr/bin/python3", LOOPGATE_SOURCE_DIR "/harness/extremes/testing/peers.py"};
    program.limit = std::chrono::minutes(3);
    program.input = json{{"excesses", excesses_}, {"maxima", maxima_}}.dump();
    const auto done = run_program(program);
    ASSERT_TRUE(done) << done.error().what;
    ASSERT_EQ(done->exit_status, 0) << done->errors;
    found_ = json::parse(done->output);
  }
  static void compare(const json& peer) {
    const ParetoFit peaks = fit_pareto(excesses_);
    EXPECT_NEAR(peer["pareto"][0].get<double>() / peaks.scale, 1, 0.002);
    EXPECT_NEAR(peer["pareto"][1], peaks.shape, 0.002);
    EXPECT_NEAR(peer["pareto"][2], peaks.log_likelihood, 0.001);
    const GevFit blocks = fit_gev(maxima_);
    EXPECT_NEAR(peer["gev"][0], blocks.location, 2);
    EXPECT_NEAR(peer["gev"][1].get<double>() / blocks.scale, 1, 0.003);
    EXPECT_NEAR(peer["gev"][2], blocks.shape, 0.003);
    EXPECT_NEAR(peer["gev"][3], blocks.log_likelihood, 0.001);
  }

  static inline std::vector<double> excesses_;
  static inline std::vector<double> maxima_;
  static inline json found_;
};

TEST_F(Peers, SciPyFitsTheSame) {
  if (found_["scipy"].is_null()) GTEST_SKIP() << "python3-scipy is not installed";
  compare(found_["scipy"]);
}

TEST_F(Peers, SciPyFindsThemFitAsWell) {
  if (found_["scipy"].is_null()) GTEST_SKIP() << "python3-scipy is not installed";
  const std::vector<double> sample(excesses_.begin(), excesses_.begin() + 100);
  const Goodness ours = goodness_of(fit_pareto(sample), sample, 499, 1);
  EXPECT_NEAR(found_["scipy"]["anderson_darling"], ours.statistic, 0.01);
  EXPECT_NEAR(found_["scipy"]["p"], ours.p, 0.12);  // three standard errors of 199 draws
}

TEST_F(Peers, EvdFitsTheSame) {
  if (found_["evd"].is_null()) GTEST_SKIP() << "r-cran-evd is not installed";
  compare(found_["evd"]);
}

}  // namespace
}  // namespace loopgate::peers_test
