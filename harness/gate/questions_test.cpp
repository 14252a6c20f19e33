#include "gate/questions.h"

#include <gtest/gtest.h>

#include <string>

#include "gate/testing/made_up_run.h"

namespace loopgate::questions_test {
namespace {

using testing::make_policy;

std::size_t questions(const std::string& rules, bool with_baseline = false) {
  Comparison run = testing::make_statistics({{"rt", "mixed", {5'000}}, {"generic", "mixed", {5'000}}});
  run.programs = {"cyclictest", "oslat"};
  return uncertain_questions(make_policy(rules), run, with_baseline);
}

const std::string of_rt = "[[budget]]\nkernel = \"rt\"\nload = \"mixed\"\n";

// A limit is a question or a fact, whoever measured.
TEST(Questions, AreTheSameOfAnInstrumentAndOfAProgram) {
  for (const char* limit : {"p50_us = 9", "p99_9_us = 9", "max_us = 9", "jitter_us = 9",
                            "exceed = { over_us = 9, max_fraction = 0.1 }", "p90_us = 5\nmax_us = 9"}) {
    const std::size_t of_instrument = questions(of_rt + limit);
    EXPECT_EQ(of_instrument,
              std::string(limit).starts_with('p') || std::string(limit).starts_with('e') ? 1U : 0U);
    EXPECT_EQ(questions(of_rt + "program = \"oslat\"\n" + limit), of_instrument) << limit;
    EXPECT_EQ(questions(of_rt + "program = \"*\"\n" + limit), 2 * of_instrument) << "of each: " << limit;
  }
}

TEST(Questions, AreOfEachKernelAndOfABaselineThatThereIs) {
  EXPECT_EQ(questions("[[budget]]\nkernel = \"*\"\nload = \"*\"\np99_us = 9"), 2U);
  const std::string baseline =
      "[[baseline]]\nkernel = \"*\"\nload = \"*\"\nquantity = \"max\"\nmax_ratio = 1.1\n";
  EXPECT_EQ(questions(baseline), 0U);
  EXPECT_EQ(questions(baseline, true), 2U);
}

}  // namespace
}  // namespace loopgate::questions_test
