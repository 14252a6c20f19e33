#include "base/nearest.h"

#include <gmock/gmock.h>

namespace loopgate::nearest_test {
namespace {

const std::vector<std::string>& kernels() {
  static const std::vector<std::string> names = {"generic", "preempt-rt", "rt-irq-threads"};
  return names;
}

std::string of(std::string_view name, const std::vector<std::string>& known = kernels()) {
  return nearest(name, known).value_or("-");
}

TEST(Nearest, TakesTwoSlips) {
  EXPECT_EQ(of("generc"), "generic");
  EXPECT_EQ(of("genericc"), "generic");
  EXPECT_EQ(of("genreic"), "generic") << "letters that were swapped are one slip";
  EXPECT_EQ(of("premept-tr"), "preempt-rt");
  EXPECT_EQ(of("preempt_rtt"), "preempt-rt");
  EXPECT_EQ(of("package", {"packages", "source"}), "packages");
}

TEST(Nearest, ThreeSlipsAreAnotherName) {
  EXPECT_EQ(of("gnrc"), "-");
  EXPECT_EQ(of("preempt"), "-");
  EXPECT_EQ(of(""), "-");
  EXPECT_EQ(of("generic", {}), "-");
}

TEST(Nearest, AShortNameMayDifferByOne) {
  EXPECT_EQ(of("idel", {"idle", "mixed"}), "idle");
  EXPECT_EQ(of("mxd", {"idle", "mixed"}), "-");
  EXPECT_EQ(of("x", {"y"}), "-");
}

TEST(Nearest, OfTwoThatAreAsNearItIsNeither) {
  EXPECT_EQ(of("cell-1", {"cell-2", "cell-3"}), "-");
  EXPECT_EQ(of("cell-1", {"cell-2", "cell-3", "cell-11"}), "-");
  EXPECT_EQ(of("replicat", {"replicas", "replicate", "replica"}), "-");
  EXPECT_EQ(of("stress-cup", {"stress-cpus", "stress-cpu"}), "stress-cpu") << "one slip before two";
  EXPECT_EQ(of("generc", {"generic", "generic"}), "generic");
}

TEST(Nearest, WhatIsVeryLongIsNotCompared) {
  const std::string name(100'000, 'a');
  EXPECT_EQ(of(name, {name + "b"}), "-");
}

TEST(MeantOrKnown, NamesOneOrAll) {
  EXPECT_EQ(meant_or_known("generc", kernels()), "did you mean \"generic\"?");
  EXPECT_EQ(meant_or_known("mainline", kernels()), "known: generic, preempt-rt, rt-irq-threads");
  EXPECT_EQ(meant_or_known("mainline", {}), "");
}

TEST(MustBeOneOf, NamesAllAndTheOneThatWasMeant) {
  EXPECT_EQ(must_be_one_of("p99", {"p50", "p99_9"}), "must be one of p50, p99_9");
  EXPECT_EQ(must_be_one_of("jiter", {"max", "jitter"}),
            "must be one of max, jitter; did you mean \"jitter\"?");
}

}  // namespace
}  // namespace loopgate::nearest_test
