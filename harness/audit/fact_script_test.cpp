#include "audit/fact_script.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process.h"
#include "base/testing/temp_folder.h"

namespace loopgate::fact_script_test {
namespace {

using ::testing::HasSubstr;

// A machine's tree of files, read by a real shell.
class FactScriptTest : public ::testing::Test {
 protected:
  FactScriptTest() {
    tree_.write("proc/uptime", "12.50 40.00\n");
    tree_.write("proc/sys/kernel/osrelease", "6.1.0-test\n");
  }

  Facts facts_of(const FactRequest& request) {
    const auto done = run_program({"sh", "-c", script_for(request, tree_.path())}, std::chrono::seconds(30));
    EXPECT_TRUE(done) << (done ? "" : done.error().what);
    output_ = done->output;
    auto facts = parse_facts(done->output, "test");
    EXPECT_TRUE(facts) << facts.error().what;
    return facts ? *facts : Facts{};
  }

  static std::string text_of(const Facts& facts, const std::string& name, std::size_t number = 0) {
    const auto found = facts.first.find(name);
    if (found == facts.first.end() || found->second.facts.size() <= number) return "nothing";
    return found->second.facts[number].text.value_or("no text");
  }

  TempFolder tree_;
  std::string output_;
};

TEST_F(FactScriptTest, ReadsFilesAndGlobsAsTheyAre) {
  tree_.write("proc/cmdline", "quiet isolcpus=2,3\n");
  tree_.write("sys/cpu0/governor", "performance\n");
  tree_.write("sys/cpu1/governor", "powersave\n");
  tree_.write("proc/many", "one\n\n +three: ./x:y\n.\n= five\n@ 1\n>six\nno end of line");
  tree_.write("proc/model", std::string("A board\0", 8));
  FactRequest request;
  request.files = {{"/proc/cmdline", false},
                   {"/sys/cpu[0-9]*/governor", false},
                   {"/proc/many", false},
                   {"/proc/model", false}};
  const Facts facts = facts_of(request);
  EXPECT_EQ(text_of(facts, "/proc/cmdline"), "quiet isolcpus=2,3\n");
  EXPECT_EQ(text_of(facts, "/sys/cpu[0-9]*/governor", 1), "powersave\n");
  EXPECT_EQ(facts.first.at("/sys/cpu[0-9]*/governor").facts[1].path, "/sys/cpu1/governor");
  EXPECT_EQ(text_of(facts, "/proc/many"), "one\n\n +three: ./x:y\n.\n= five\n@ 1\n>six\nno end of line\n");
  EXPECT_EQ(text_of(facts, "/proc/model"), std::string("A board\0\n", 9));
}

TEST_F(FactScriptTest, NamesWithBlanksQuotesAndColonsAreFiles) {
  tree_.write("sys/pci0000:00/0000:00:1f.2/a 'b' \"c\"/irq", "17\n");
  FactRequest request;
  request.files = {{"/sys/pci0000:00/*/*/irq", false}};
  EXPECT_EQ(text_of(facts_of(request), "/sys/pci0000:00/*/*/irq"), "17\n");
}

TEST_F(FactScriptTest, WhatIsMissingEmptyOrAFolderSaysSo) {
  tree_.write("sys/empty", "");
  tree_.write("sys/folder/file", "x");
  FactRequest request;
  request.files = {{"/sys/missing/a*/b", false}, {"/sys/empty", false}, {"/sys/folder", false}};
  const Facts facts = facts_of(request);
  EXPECT_TRUE(facts.first.at("/sys/missing/a*/b").facts.empty());
  EXPECT_EQ(facts.first.at("/sys/missing/a*/b").locked, "");
  EXPECT_EQ(text_of(facts, "/sys/empty"), "no text");
  EXPECT_TRUE(facts.first.at("/sys/folder").facts.empty());
}

TEST_F(FactScriptTest, WhatMayNotBeReadIsNotMissing) {
  if (::geteuid() == 0) GTEST_SKIP() << "root may read everything";
  tree_.write("sys/debug/sched/preempt", "(full)\n");
  ::chmod((tree_.path() / "sys/debug").c_str(), 0);
  ::chmod(tree_.write("proc/secret", "x\n").c_str(), 0);
  FactRequest request;
  request.files = {{"/sys/debug/sched/preempt", false}, {"/proc/secret", false}};
  const Facts facts = facts_of(request);
  ::chmod((tree_.path() / "sys/debug").c_str(), 0700);
  EXPECT_EQ(facts.first.at("/sys/debug/sched/preempt").locked, "/sys/debug");
  EXPECT_EQ(text_of(facts, "/proc/secret"), "no text");
}

TEST_F(FactScriptTest, APipeIsNotOpened) {
  std::filesystem::create_directories(tree_.path() / "sys");
  ASSERT_EQ(::mkfifo((tree_.path() / "sys/pipe").c_str(), 0600), 0);
  FactRequest request;
  request.files = {{"/sys/pipe", false}};
  EXPECT_TRUE(facts_of(request).first.at("/sys/pipe").facts.empty());
}

TEST_F(FactScriptTest, OnlyTheOptionsThatAreAskedForComeFromTheConfiguration) {
  tree_.write("boot/config-6.1.0-test",
              "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_A=y\nCONFIG_AB=y\n# CONFIG_B is not set\n");
  FactRequest request;
  request.options = {"CONFIG_A", "CONFIG_B"};
  const Facts facts = facts_of(request);
  EXPECT_EQ(text_of(facts, kernel_config), "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_A=y\n");
  EXPECT_EQ(facts.first.at(kernel_config).facts[0].path, "/boot/config-6.1.0-test");
}

TEST_F(FactScriptTest, APackedConfigurationComesFirst) {
  tree_.write("boot/config-6.1.0-test", "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_A=n\n");
  const std::string plain = tree_.write("plain", "# Linux/x86 6.1.0 Kernel Configuration\nCONFIG_A=y\n");
  ASSERT_EQ(
      run_program({"sh", "-c", fmt::format("gzip -c < {} > {}/proc/config.gz", plain, tree_.path().string())},
                  std::chrono::seconds(10))
          ->exit_status,
      0);
  FactRequest request;
  request.options = {"CONFIG_A"};
  EXPECT_THAT(text_of(facts_of(request), kernel_config), HasSubstr("CONFIG_A=y"));
}

TEST_F(FactScriptTest, ADevicesNumberIsReadAtItsPlace) {
  std::string bytes(52, '\0');
  bytes += std::string("\x2a\x01\0\0\0\0\0\0", 8);
  tree_.write("dev/cpu/0/msr", bytes);
  tree_.write("dev/cpu/1/msr", "too short");
  FactRequest request;
  const DeviceNumber number{"/dev/cpu/[0-9]*/msr", 8, 52};
  request.numbers = {{number, true}};
  const Facts facts = facts_of(request);
  EXPECT_THAT(text_of(facts, number.name()), HasSubstr(" 298\n"));
  EXPECT_EQ(text_of(facts, number.name(), 1), "no text");
  EXPECT_EQ(facts.second.at(number.name()).facts.size(), 2U);
}

TEST_F(FactScriptTest, WhatIsCountedIsReadTwice) {
  tree_.write("proc/softirqs", "CPU0\nNET_RX: 5\n");
  FactRequest request;
  request.files = {{"/proc/softirqs", true}};
  const Facts facts = facts_of(request);
  EXPECT_EQ(facts.first.at("/proc/softirqs").facts.size(), 1U);
  EXPECT_EQ(facts.second.at("/proc/softirqs").facts.size(), 1U);
  EXPECT_EQ(facts.seconds_between, 0);  // of an uptime that stands still
}

TEST_F(FactScriptTest, WordsOfTheLogMayHoldQuotes) {
  FactRequest request;
  request.log_words = {"it's \"$HOME\" `date`"};
  const Facts facts = facts_of(request);
  ASSERT_EQ(facts.first.at(kernel_log).facts.size(), 1U);
}

TEST(PlainGlobTest, NothingThatAShellWouldRunIsOne) {
  EXPECT_TRUE(is_plain_glob("/sys/devices/system/cpu/cpu[0-9]*/cpufreq/scaling_governor"));
  for (const char* glob : {"", "/", "proc/cmdline", "/proc/$(date)", "/a b", "/a;b", "/a'b", "/a\nb", "/a`b`",
                           "/../b", "/a|b", "/a&b", "/a>b", "/{a,b}", "/a\\b", "/~"})
    EXPECT_FALSE(is_plain_glob(glob)) << glob;
}

std::string refusal(const std::string& text) {
  const auto facts = parse_facts(text, "board.facts");
  if (facts) return "accepted";
  EXPECT_EQ(facts.error().kind, ErrorKind::data);
  return facts.error().what;
}

const std::string head = "loopgate facts 1\n= /a\n+ ./a\n";

TEST(FactReaderTest, ACutOffTextIsRefused) {
  const std::string whole = head + "./a:x\n@ 1.0\n= /b\n! missing\n@ 2.0\n= /b\n! missing\n. end\n";
  EXPECT_EQ(refusal(whole), "accepted");
  for (std::size_t size = 0; size < whole.size() - 1; ++size)
    EXPECT_NE(refusal(whole.substr(0, size)), "accepted") << whole.substr(0, size);
}

TEST(FactReaderTest, EveryStrayLineIsRefusedWithItsNumber) {
  EXPECT_THAT(refusal(""), HasSubstr("board.facts:1: not the output of an audit script"));
  EXPECT_THAT(refusal("loopgate facts 2\n. end\n"), HasSubstr(":1:"));
  EXPECT_THAT(refusal(head + "./b:x\n. end\n"),
              HasSubstr("board.facts:4: a line of a file that is not listed"));
  EXPECT_THAT(refusal(head + "hello\n. end\n"), HasSubstr(":4: not a line of an audit's facts"));
  EXPECT_THAT(refusal(head + "= /a\n. end\n"), HasSubstr("\"/a\" was read already"));
  EXPECT_THAT(refusal(head + "= /*\n+ ./a\n. end\n"), HasSubstr("/a was requested by two names"));
  EXPECT_THAT(refusal("loopgate facts 1\n+ ./a\n. end\n"), HasSubstr("a file that was not requested"));
  EXPECT_THAT(refusal("loopgate facts 1\n>x\n. end\n"), HasSubstr("before its file"));
  EXPECT_THAT(refusal(head + "! missing\n. end\n"), HasSubstr("missing file that was not requested"));
  EXPECT_THAT(refusal("loopgate facts 1\n= /a\n! gone\n. end\n"), HasSubstr("must say missing or locked"));
  EXPECT_THAT(refusal(head + "@ soon\n. end\n"), HasSubstr("uptime in seconds"));
  EXPECT_THAT(refusal(head + "@ 2\n@ 1\n. end\n"), HasSubstr("the uptime decreases"));
  EXPECT_THAT(refusal(head + "@ 1\n@ 2\n@ 3\n. end\n"), HasSubstr("more than twice"));
  EXPECT_THAT(refusal(head + "@ 1\n. end\n"), HasSubstr("truncated"));
  EXPECT_THAT(refusal(head + ". end\n./a:x\n"), HasSubstr("has text after its end"));
}

}  // namespace
}  // namespace loopgate::fact_script_test
