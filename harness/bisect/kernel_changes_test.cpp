#include "bisect/kernel_changes.h"

#include <gmock/gmock.h>

#include "config/kernel_toml.h"

namespace loopgate {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Kernel kernel_of(const std::string& text) {
  auto kernel = parse_kernel("title = \"one\"\n" + text, "/k/one.toml");
  EXPECT_TRUE(kernel) << (kernel ? "" : kernel.error().what);
  return kernel ? *kernel : Kernel();
}

std::vector<std::string> texts_of(const KernelDifference& difference) {
  std::vector<std::string> texts;
  for (const KernelChange& change : difference.changes) texts.push_back(change.text());
  return texts;
}

constexpr const char* good_text = R"(
arguments = "quiet console=a audit=0 console=b -- init x"
[source]
image = "Image"
[tuning]
file = [{ path = "/sys/a", value = "1" }, { path = "/sys/b", value = "1" }]
thread = [{ name = "irq/*", policy = "fifo", priority = 50 }]
[[check]]
name = "real time"
file = "/proc/version"
contains = " PREEMPT_RT "
[[check]]
name = "both"
file = "/proc/one"
equals = ""
)";

constexpr const char* bad_text = R"(
arguments = "console=a nohz=off audit=1 console=c -- init x"
[source]
image = "Image"
[tuning]
file = [{ path = "/sys/b", value = "2" }]
thread = [{ name = "irq/*-stimulus", policy = "fifo", priority = 80 }, { name = "irq/*", policy = "fifo", priority = 50 }]
[[check]]
name = "under another name"
file = "/proc/one"
equals = ""
)";

KernelDifference both_ends() { return difference_between(kernel_of(good_text), kernel_of(bad_text)); }

TEST(KernelChanges, NamesEachArgumentAndSettingThatDiffers) {
  EXPECT_THAT(texts_of(both_ends()),
              ElementsAre("no argument quiet", "argument nohz=off", "argument audit=0 -> audit=1",
                          "argument console=b -> console=c", "no file /sys/a = 1",
                          "file /sys/b = 1 -> /sys/b = 2", "thread irq/*-stimulus fifo 80"));
}

TEST(KernelChanges, AllOfThemAreTheBadEndAndNoneIsTheGoodOne) {
  const KernelDifference difference = both_ends();
  EXPECT_EQ(to_toml(with_changes(difference, {})), to_toml(difference.good));
  EXPECT_EQ(to_toml(with_changes(difference, all_changes(7))), to_toml(difference.bad));
}

TEST(KernelChanges, AKernelInBetweenHasTheChangesAndTheChecksOfBoth) {
  const Kernel kernel = with_changes(both_ends(), {1, 3, 5, 6});
  EXPECT_EQ(kernel.arguments, "quiet console=a nohz=off audit=0 console=c -- init x");
  ASSERT_EQ(kernel.files.size(), 2U);
  EXPECT_EQ(kernel.files[0].path, "/sys/a");
  EXPECT_EQ(kernel.files[1].value, "2");
  ASSERT_EQ(kernel.threads.size(), 2U);
  EXPECT_EQ(kernel.threads[0].name, "irq/*-stimulus") << "the first match counts";
  ASSERT_EQ(kernel.checks.size(), 1U);
  EXPECT_EQ(kernel.checks[0].file, "/proc/one");
}

// What each single one does, whatever the others are.
TEST(KernelChanges, EachChangeAloneChangesOneThing) {
  const KernelDifference difference = both_ends();
  for (std::size_t i = 0; i < difference.changes.size(); ++i) {
    const KernelDifference one = difference_between(difference.good, with_changes(difference, {i}));
    ASSERT_EQ(one.changes.size(), 1U) << i;
    EXPECT_EQ(one.changes.front(), difference.changes[i]);
  }
}

TEST(KernelChanges, AnotherImageIsOneChange) {
  const Kernel good = kernel_of("arguments = \"a\"\n[source]\npackage = \"linux-image-arm64\"");
  const Kernel bad = kernel_of("arguments = \"b\"\n[source]\npackage = \"linux-image-rt-arm64\"");
  const KernelDifference difference = difference_between(good, bad);
  EXPECT_THAT(texts_of(difference),
              ElementsAre("source linux-image-arm64 -> linux-image-rt-arm64", "no argument a", "argument b"));
  const Kernel between = with_changes(difference, {0});
  EXPECT_EQ(std::get<PackageSource>(between.source).package, "linux-image-rt-arm64");
  EXPECT_EQ(between.arguments, "a");
}

TEST(KernelChanges, EqualKernelsAndAnotherOrderAreNoChange) {
  EXPECT_THAT(difference_between(kernel_of(good_text), kernel_of(good_text)).changes, IsEmpty());
  const Kernel one = kernel_of("arguments = \"a b\"\n[source]\nimage = \"x\"");
  const Kernel other = kernel_of("arguments = \"b a\"\n[source]\nimage = \"x\"");
  EXPECT_THAT(difference_between(one, other).changes, IsEmpty());
}

}  // namespace
}  // namespace loopgate
