#include "target/agent/kernel_log.h"

#include <gmock/gmock.h>

#include <random>

namespace loopgate::kernel_log_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const std::vector<std::string> words = {"Unknown kernel command line", "Housekeeping:"};

KernelLog taken(const std::vector<std::string>& records) {
  KernelLog log;
  for (const std::string& record : records) take_record(record, words, &log);
  return log;
}

TEST(KernelLog, KeepsTheLinesThatHaveOneOfTheWords) {
  const KernelLog log = taken({"6,0,0,-;Booting Linux\n",
                               "5,12,0,-;Unknown kernel command line parameters \"a\"\n SUBSYSTEM=x\n",
                               "4,13,140,c;Housekeeping: nohz unsupported; build with it\n"});
  EXPECT_TRUE(log.is_whole);
  EXPECT_THAT(log.lines, ElementsAre("Unknown kernel command line parameters \"a\"",
                                     "Housekeeping: nohz unsupported; build with it"));
}

TEST(KernelLog, IsNotWholeWhereItsBeginningWasOverwritten) {
  EXPECT_FALSE(taken({"6,1,0,-;the second\n", "6,10,0,-;and more\n"}).is_whole);
  EXPECT_FALSE(taken({}).is_whole);
}

TEST(KernelLog, WhatIsNoRecordAddsNothing) {
  for (const char* record : {"", ";", "6", "6,0", "6,0;Housekeeping:", "6,x,0,-;Housekeeping:", "6,0,0,-",
                             "\n", ",,,;Housekeeping:"}) {
    const KernelLog log = taken({record});
    EXPECT_FALSE(log.is_whole) << record;
    EXPECT_THAT(log.lines, IsEmpty()) << record;
  }
}

TEST(KernelLog, ThatCannotBeReadSaysNothing) {
  const KernelLog log = read_kernel_log("/nonexistent/kmsg", words);
  EXPECT_FALSE(log.is_whole);
  EXPECT_THAT(log.lines, IsEmpty());
}

TEST(KernelLog, AnyBytesAreTaken) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string record(random() % 40, '\0');
    for (char& c : record) c = "0123456789,;- \nHousekeeping:"[random() % 27];
    KernelLog log;
    take_record(record, {"Ho"}, &log);
    ASSERT_LE(log.lines.size(), 1U);
  }
}

}  // namespace
}  // namespace loopgate::kernel_log_test
