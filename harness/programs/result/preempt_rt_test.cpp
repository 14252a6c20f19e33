#include "programs/result/preempt_rt.h"

#include <gtest/gtest.h>

namespace loopgate::preempt_rt_test {
namespace {

TEST(PreemptRt, IsReadFromTheVersionFirst) {
  EXPECT_EQ(preempt_rt_of("#1 SMP PREEMPT_RT Debian 6.12.48-1 (2025-09-20)", 0), PreemptRt::yes);
  EXPECT_EQ(preempt_rt_of("#1 SMP PREEMPT RT Debian 5.10.1"), PreemptRt::yes);
  EXPECT_EQ(preempt_rt_of("#1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1", 0), PreemptRt::no);
  EXPECT_EQ(preempt_rt_of("#1 SMP PREEMPT"), PreemptRt::no);
  EXPECT_EQ(preempt_rt_of("#1 SMP", 1), PreemptRt::yes);
  EXPECT_EQ(preempt_rt_of("#1 SMP PREEMPT_DYNAMIC", 1), PreemptRt::no);
  EXPECT_EQ(preempt_rt_of("#1 SMP", 0), PreemptRt::realtime_0);
  EXPECT_EQ(preempt_rt_of("#1 SMP"), PreemptRt::not_told);
  EXPECT_EQ(preempt_rt_of("", 7), PreemptRt::not_told);
}

TEST(PreemptRt, IsClaimedByAWordOfTheName) {
  for (const char* name : {"preempt-rt", "PREEMPT_RT", "rt", "rt-irq-threads", "6.6.1-rt12", "my RT kernel"})
    EXPECT_TRUE(claims_preempt_rt(name)) << name;
  for (const char* name : {"", "generic", "art", "rtla", "smart-6.1", "start", "r-t"})
    EXPECT_FALSE(claims_preempt_rt(name)) << name;
}

TEST(PreemptRt, IsContradictedByAnotherModelsWord) {
  for (const char* name : {"generic", "Generic-6.12", "preempt_dynamic", "voluntary"})
    EXPECT_TRUE(claims_other_model(name)) << name;
  for (const char* name : {"", "mine", "generic-rt", "genericrt6", "preempt-rt"})
    EXPECT_FALSE(claims_other_model(name)) << name;
}

TEST(PreemptRt, HasNamesInFiles) {
  for (const PreemptRt each : {PreemptRt::not_told, PreemptRt::realtime_0, PreemptRt::no, PreemptRt::yes})
    EXPECT_EQ(preempt_rt_named(name_of(each)), each);
  EXPECT_FALSE(preempt_rt_named("maybe"));
}

}  // namespace
}  // namespace loopgate::preempt_rt_test
