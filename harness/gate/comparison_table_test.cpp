#include "gate/comparison_table.h"

#include <gmock/gmock.h>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"
#include "gate/verdict_markdown.h"
#include "gate/verdict_text.h"
#include "record/testing/recorded_run.h"
#include "stats/resolution.h"

namespace loopgate::comparison_table_test {
namespace {

using ::testing::HasSubstr;
using testing::latencies_with;
using testing::make_policy;
using testing::make_statistics;
using testing::not_sent;

TEST(ComparisonTable, IsAlignedAndSaysWhatWasMeasured) {
  const Comparison run =
      make_statistics({{"generic", "mixed", latencies_with(10'000, 200)},
                       {"preempt-rt", "mixed", std::vector<std::int64_t>(10'000, 23'700)}});
  const auto verdict =
      evaluate(run, make_policy("[[budget]]\nkernel = \"preempt-rt\"\nload = \"mixed\"\nmax_us = 100\n"), {});
  ASSERT_TRUE(verdict);
  EXPECT_EQ(
      comparison_table(run, &*verdict),
      "suite irq-to-gpio · board qemu-virt-arm64 · virtual time (1 ns per instruction) · load mixed · 10,000 "
      "stimuli each\n"
      "kernel          p50       p99     p99.9       max    jitter  late  not sent  unanswered  verdict\n"
      "generic     20.0 us  200.0 us  200.0 us  200.0 us  180.0 us     0         0           0  NOT GATED\n"
      "preempt-rt  23.7 us   23.7 us   23.7 us   23.7 us  0.000 us     0         0           0  PASS\n");
}

TEST(ComparisonTable, SaysBelowItWhichKernelsAreTheSame) {
  Comparison run =
      make_statistics({{"a", "idle", {20'000}}, {"b", "idle", {30'000}}, {"b", "mixed", {30'000}}});
  for (GroupEvidence& group : run.groups) group.kernel_in_effect_sha256 = "one";
  const std::string same =
      "kernels a and b are the same: equal image, arguments in effect and tuning; their figures differ by "
      "chance "
      "alone\n";
  EXPECT_THAT(comparison_table(run, nullptr), HasSubstr("\n" + same + "\nsuite irq-to-gpio"));
  const auto verdict =
      evaluate(run, make_policy("[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 100\n"), {});
  ASSERT_TRUE(verdict);
  EXPECT_THAT(to_markdown(*verdict, run),
              HasSubstr("| PASS |\n\n\\- : too few stimuli for this quantile\n\n" + same));
  run.groups[0].kernel_in_effect_sha256 = "another";
  EXPECT_THAT(comparison_table(run, nullptr), ::testing::Not(HasSubstr("are the same")));
}

TEST(ComparisonTable, SaysThatCpusTookTurnsAlsoWhereItWasReadBack) {
  Comparison run = make_statistics({{"a", "idle", {20'000}}});
  run.cpus = 2;
  run.slice_ns = 200;
  const auto read = parse_comparison(to_json(run), "comparison.json");
  ASSERT_TRUE(read) << read.error().what;
  for (const Comparison& each : {run, *read})
    EXPECT_THAT(comparison_table(each, nullptr),
                HasSubstr("virtual time (2 ns per instruction, 2 CPUs in turns of 200 ns)"));
}

TEST(ComparisonTable, SaysThatABoardIsAnEmulatorAlsoWhereItWasReadBack) {
  Comparison run = testing::make_wall_statistics({{"a", "idle", {{20'000, 30'000}}}});
  EXPECT_THAT(comparison_table(run, nullptr), HasSubstr(" · wall-clock time · load idle"));
  run.emulator = true;
  const auto read = parse_comparison(to_json(run), "comparison.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_THAT(comparison_table(*read, nullptr),
              HasSubstr(" · wall-clock time, on an emulator: no hardware's figures · load idle"));
}

TEST(ComparisonTable, HasABlockForEachLoad) {
  const Comparison run = make_statistics(
      {{"a", "idle", {20'000, 30'000}}, {"a", "mixed", {18'640'000, not_sent}}, {"b", "mixed", {20'000}}});
  const std::string table = comparison_table(run, nullptr);
  EXPECT_THAT(table, HasSubstr("load idle · 2 stimuli each\n"));
  EXPECT_THAT(table, HasSubstr("\n\nsuite irq-to-gpio · "));
  EXPECT_THAT(table, HasSubstr("load mixed · 1 to 2 stimuli\n"));
  EXPECT_THAT(table, HasSubstr("18,640 us"));
  EXPECT_THAT(table, ::testing::Not(HasSubstr("verdict")));
}

TEST(ComparisonTable, ShowsWhatWasNotMeasured) {
  const Comparison run =
      make_statistics({{"rt", "mixed", {}, {{"rt.mixed", "invalid", "the load did not run"}}}});
  const auto verdict =
      evaluate(run, make_policy("[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 100\n"), {});
  EXPECT_EQ(comparison_table(run, &*verdict),
            "suite irq-to-gpio · board qemu-virt-arm64 · virtual time (1 ns per instruction) · load mixed · "
            "nothing "
            "measured\n"
            "kernel  p50  p99  p99.9  max  jitter  late  not sent  unanswered  verdict\n"
            "rt        -    -      -    -       -     -         -           -  INVALID\n");
  EXPECT_EQ(problems_text(*verdict),
            "rt x mixed: INVALID: must be measured: rt.mixed: invalid: the load did not run\n");
}

TEST(ComparisonTable, AQuantileThatTheCountDoesNotResolveIsNoFigure) {
  const Comparison run = make_statistics({{"a", "idle", std::vector<std::int64_t>(3'000, 20'000)},
                                          {"a", "mixed", std::vector<std::int64_t>(300, 20'000)},
                                          {"b", "mixed", std::vector<std::int64_t>(4, 20'000)}});
  const std::string table = comparison_table(run, nullptr);
  EXPECT_THAT(table, HasSubstr("\na       20.0 us  20.0 us  20.0 us  20.0 us"));
  EXPECT_THAT(table, HasSubstr("\na       20.0 us  20.0 us      -  20.0 us"));
  EXPECT_THAT(table, HasSubstr("\nb             -        -      -  20.0 us"));
  EXPECT_THAT(table, ::testing::EndsWith("\n- : too few stimuli for this quantile\n"));
  EXPECT_EQ(table.find(unresolved_legend), table.rfind(unresolved_legend)) << "it is said once";
}

TEST(ComparisonTable, AlignsNamesByCharactersNotBytes) {
  const std::vector<std::int64_t> five(5, 20'000);
  const Comparison run = make_statistics({{"größer", "mixed", five}, {"abcdef", "mixed", five}});
  const std::string table = comparison_table(run, nullptr);
  EXPECT_THAT(table, HasSubstr("größer  20.0 us"));
  EXPECT_THAT(table, HasSubstr("abcdef  20.0 us"));
}

}  // namespace
}  // namespace loopgate::comparison_table_test
