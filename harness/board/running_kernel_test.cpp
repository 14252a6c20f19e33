#include "board/running_kernel.h"

#include <gmock/gmock.h>

#include "base/process.h"

namespace loopgate::running_kernel_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* answer =
    "0f1c0f52-3b5a-4a71-b8b6-0f8e4f0f6a11\n6.12.118+deb13-rt-arm64\n"
    "Linux version 6.12.118+deb13-rt-arm64 (debian-kernel@lists.debian.org) #1 SMP PREEMPT_RT Debian "
    "6.12.118-1\n"
    "root=/dev/vda2 rw loopgate.candidate=0123456789ab quiet\n";

Candidate deployed() {
  Candidate candidate;
  candidate.mark = "0123456789ab";
  candidate.release = "6.12.118+deb13-rt-arm64";
  candidate.build = "6.12.118-1";
  return candidate;
}

TEST(RunningKernel, IsRead) {
  const auto kernel = parse_running_kernel(answer);
  ASSERT_TRUE(kernel) << kernel.error().what;
  EXPECT_EQ(kernel->boot_id, "0f1c0f52-3b5a-4a71-b8b6-0f8e4f0f6a11");
  EXPECT_EQ(kernel->release, "6.12.118+deb13-rt-arm64");
  EXPECT_EQ(kernel->mark, "0123456789ab");
  EXPECT_EQ(difference(deployed(), *kernel), "");
}

TEST(RunningKernel, OfThisMachineIsRead) {
  const auto asked = run_program({"sh", "-c", running_kernel_script()}, std::chrono::seconds(20));
  ASSERT_TRUE(asked);
  const auto kernel = parse_running_kernel(asked->output);
  ASSERT_TRUE(kernel) << asked->output << asked->errors;
  EXPECT_EQ(kernel->mark, "");
}

TEST(RunningKernel, ThatIsCutOffIsRefused) {
  const std::string text = answer;
  for (std::size_t size : {std::size_t{0}, std::size_t{20}, std::size_t{37}, std::size_t{60}}) {
    const auto refused = parse_running_kernel(text.substr(0, size));
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().kind, ErrorKind::infrastructure);
  }
}

TEST(RunningKernel, ThatIsAnotherOneIsTold) {
  const RunningKernel seen = *parse_running_kernel(answer);
  Candidate wanted = deployed();
  wanted.mark = "ffffffffffff";
  EXPECT_EQ(difference(wanted, seen), "an earlier candidate runs instead");
  RunningKernel known_good = seen;
  known_good.mark.clear();
  EXPECT_EQ(difference(wanted, known_good), "the known-good kernel 6.12.118+deb13-rt-arm64 runs instead");
  wanted = deployed();
  wanted.release = "6.12.119";
  EXPECT_EQ(difference(wanted, seen), "uname -r is 6.12.118+deb13-rt-arm64, but 6.12.119 was deployed");
  wanted = deployed();
  wanted.build = "6.12.118-2";
  EXPECT_THAT(difference(wanted, seen), HasSubstr("build 6.12.118-2 was deployed"));
  wanted.banners = {"Linux version 6.12 # SMP", seen.version};
  EXPECT_EQ(difference(wanted, seen), "") << "what the image itself says counts more than its package";
  wanted.banners.back() += "!";
  EXPECT_THAT(difference(wanted, seen), HasSubstr("but the image"));
}

TEST(RunningKernel, CommandLineHasAWayBack) {
  SshBoard boot;
  boot.root = "/dev/vda2";
  boot.console = "ttyAMA0,115200";
  EXPECT_EQ(candidate_command_line(boot, "isolcpus=1", "0123456789ab"),
            "root=/dev/vda2 rw console=ttyAMA0,115200 panic=5 loopgate.candidate=0123456789ab isolcpus=1");
  boot.console.clear();
  EXPECT_EQ(candidate_command_line(boot, "", "0123456789ab"),
            "root=/dev/vda2 rw panic=5 loopgate.candidate=0123456789ab");
}

TEST(Banners, AreReadFromAnImage) {
  const std::string first = "Linux version 6.12.0 (me@here) (gcc) # SMP";
  const std::string line = "Linux version 6.12.0 (me@here) (gcc) #1 SMP";
  EXPECT_THAT(banners_in("\x7f " + first + "\n bytes Linux version %s\n more " + line + "\n rest"),
              ElementsAre(first, line));
  EXPECT_THAT(banners_in(line), IsEmpty()) << "cut off";
  EXPECT_THAT(banners_in(std::string_view("Linux version 6\0\n", 17)), IsEmpty()) << "no whole line";
  EXPECT_THAT(banners_in(""), IsEmpty());
}

std::string x86_image(const std::string& version) {
  std::string image(0x600, '\0');
  image.replace(0x202, 4, "HdrS");
  image[0x20e] = 0x10;  // 0x310, from 0x200 on
  image[0x20f] = 0x03;
  image.replace(0x510, version.size(), version);
  return image;
}

TEST(BuildIn, IsWhatAnX86ImagesHeaderSays) {
  const std::string version =
      "6.12.118+deb13-rt-amd64 (who@where) #1 SMP PREEMPT_RT Debian 6.12.118-1 (2026)";
  EXPECT_EQ(build_in(x86_image(version)), "#1 SMP PREEMPT_RT Debian 6.12.118-1 (2026)");
}

TEST(BuildIn, OfWhatSaysNoneIsEmpty) {
  const std::string good = x86_image("6.12 (who) #1 SMP");
  ASSERT_EQ(build_in(good), "#1 SMP");
  EXPECT_EQ(build_in(""), "");
  EXPECT_EQ(build_in(good.substr(0, 0x3ff)), "") << "cut off before it could say so";
  EXPECT_EQ(build_in(good.substr(0, 0x510)), "");
  EXPECT_EQ(build_in(good.substr(0, 0x518)), "") << "without an end";
  EXPECT_EQ(build_in(x86_image("6.12 (who) SMP")), "") << "no build in it";
  std::string other = good;
  other[0x202] = 'h';
  EXPECT_EQ(build_in(other), "");
  other = good;
  other[0x20e] = other[0x20f] = 0;
  EXPECT_EQ(build_in(other), "") << "no version";
  other[0x20e] = other[0x20f] = '\xff';
  EXPECT_EQ(build_in(other), "") << "behind the end";
}

}  // namespace
}  // namespace loopgate::running_kernel_test
