#include "calibrate/null_variants.h"

#include <gmock/gmock.h>

#include "calibrate/describe_calibration.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::null_variants_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PlanRequest own_suite() {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  return request;
}

Result<PlanRequest> judged(const std::string& rules, PlanRequest request = own_suite()) {
  return with_judged(std::move(request), testing::make_policy(rules), Catalog(LOOPGATE_SOURCE_DIR));
}

TEST(NullVariants, AreOfWhatThePolicySpeaksOf) {
  const std::string budget = "[[budget]]\nkernel = \"generic\"\nload = \"mixed\"\nmax_us = 900\n";
  EXPECT_THAT(judged(budget)->kernels, ElementsAre("generic"));
  EXPECT_THAT(judged(budget)->loads, ElementsAre("mixed"));
  const std::string compare =
      "[[compare]]\nkernel = \"preempt-rt\"\nagainst = \"generic\"\nload = \"*\"\nquantity = "
      "\"max\"\nmax_ratio = 1\n";
  EXPECT_THAT(judged(compare)->kernels, ElementsAre("generic", "preempt-rt"));
  PlanRequest given = own_suite();
  given.kernels = {"rt-irq-threads"};
  EXPECT_THAT(judged(budget, given)->kernels, ElementsAre("rt-irq-threads")) << "who asks is given it";
}

TEST(NullVariants, APolicyOfNothingInTheSuiteIsRefusedByName) {
  const auto refused = judged("[[budget]]\nkernel = \"mine\"\nload = \"mixed\"\nmax_us = 900\n");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("p.toml: speaks of no kernel of the suite, whose are generic"));
}

TEST(NullVariants, DifferBySeedAndPaddingOnVirtualTimeAndBySeedAloneOnABoard) {
  VariantRequest request;
  request.plan = own_suite();
  request.plan.seed = 5;
  request.folder = "runs/c";
  EXPECT_EQ(variant_of(request, 1, true).seed, 5U);
  EXPECT_EQ(variant_of(request, 3, true).seed, 7U);
  EXPECT_EQ(variant_of(request, 3, true).null_change, 3);
  EXPECT_EQ(variant_of(request, 3, false).null_change, 0);
  EXPECT_EQ(folder_of(request, 3), "runs/c/variants/3");
}

TEST(NullVariants, APolicyThatDoesNotFitIsRefusedBeforeAnythingIsMeasured) {
  Comparison description = testing::make_virtual_statistics({{"a", "mixed", {}}});
  const auto fits = [&](const std::string& rules) {
    return check_policy(testing::make_policy(rules), description);
  };
  EXPECT_TRUE(fits("[[budget]]\nkernel = \"a\"\nload = \"mixed\"\nmax_us = 900\n"));
  EXPECT_TRUE(fits("[[baseline]]\nkernel = \"a\"\nload = \"*\"\nquantity = \"p50\"\nmax_ratio = 1.1\n"));
  EXPECT_THAT(fits("[[budget]]\nkernel = \"b\"\nload = \"mixed\"\nmax_us = 900\n").error().what,
              HasSubstr("kernel b under load mixed"));
  description.suite.name = "another";
  EXPECT_THAT(fits("[[budget]]\nkernel = \"a\"\nload = \"mixed\"\nmax_us = 900\n").error().what,
              HasSubstr("policy for suite irq-to-gpio"));
}

TEST(CalibrationTable, SaysWhatWasSeenAndWhatFollows) {
  Calibration calibration;
  calibration.suite.name = "irq-to-gpio";
  calibration.variants = 8;
  calibration.replicates = 8;
  calibration.drawn_replicates = 8;
  calibration.samples = 1'250;
  calibration.draws = {2'000,
                       "all ways",
                       {1'990, 2'000, 0.991, 0.997},
                       {10, 2'000, 0.002, 0.008},
                       {0, 2'000, 0, 0.0015},
                       {0, 2'000, 0, 0.0015}};
  calibration.found = {{"event_of_150_us", "generic", "mixed", 150'000, {1'000, 2'000, 0.48, 0.52}}};
  calibration.not_judged = {"preempt-rt x mixed"};
  calibration.tests = {{"generic", "mixed", "p50", 30, 0.0001}};
  const std::string text = calibration_table(calibration);
  EXPECT_THAT(text, HasSubstr("8 null variants with 8 replicates of 1,250 stimuli each"));
  EXPECT_THAT(text, HasSubstr("0 of 2,000"));
  EXPECT_THAT(text, HasSubstr("at most 0.2 %"));
  EXPECT_THAT(text, HasSubstr("generic x mixed: 150 us in 1 of 2,000 stimuli"));
  EXPECT_THAT(text, HasSubstr("at least 48 %"));
  EXPECT_THAT(text, HasSubstr("preempt-rt x mixed: no rule could find"));
  EXPECT_THAT(text, HasSubstr("p = 0.0001, they do"));
  EXPECT_THAT(text,
              HasSubstr("this gate: false alarms at most 0.2 % (0 of 2,000 draws of 8 from 64 replicates)"));
}

}  // namespace
}  // namespace loopgate::null_variants_test
