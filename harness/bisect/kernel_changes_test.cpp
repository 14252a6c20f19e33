#include "bisect/kernel_changes.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/scratch_dir.h"
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

KernelDifference between(Kernel good, Kernel bad) {
  return difference_between({std::move(good), {}}, {std::move(bad), {}});
}

KernelDifference both_ends() { return between(kernel_of(good_text), kernel_of(bad_text)); }

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
    const KernelDifference one = between(difference.good, with_changes(difference, {i}));
    ASSERT_EQ(one.changes.size(), 1U) << i;
    EXPECT_EQ(one.changes.front(), difference.changes[i]);
  }
}

TEST(KernelChanges, AnotherImageIsOneChange) {
  const Kernel good = kernel_of("arguments = \"a\"\n[source]\npackage = \"linux-image-arm64\"");
  const Kernel bad = kernel_of("arguments = \"b\"\n[source]\npackage = \"linux-image-rt-arm64\"");
  const KernelDifference difference = between(good, bad);
  EXPECT_THAT(texts_of(difference),
              ElementsAre("source linux-image-arm64 -> linux-image-rt-arm64", "no argument a", "argument b"));
  const Kernel made = with_changes(difference, {0});
  EXPECT_EQ(std::get<PackageSource>(made.source).package, "linux-image-rt-arm64");
  EXPECT_EQ(made.arguments, "a");
}

TEST(KernelChanges, EqualKernelsAndAnotherOrderAreNoChange) {
  EXPECT_THAT(between(kernel_of(good_text), kernel_of(good_text)).changes, IsEmpty());
  const Kernel one = kernel_of("arguments = \"a b\"\n[source]\nimage = \"x\"");
  const Kernel other = kernel_of("arguments = \"b a\"\n[source]\nimage = \"x\"");
  EXPECT_THAT(between(one, other).changes, IsEmpty());
}

const std::string heading = "# The options of this step.\n";

// Made on disk: what differs is what stands in the fragments.
class OptionChanges : public testing::Test {
 protected:
  OptionChanges() : scratch_(*ScratchDir::create(testing::TempDir(), "option-changes")) {}

  Kernel built_with(const std::string& name, const std::string& fragment, const std::string& more = "") {
    EXPECT_TRUE(write_file_atomically(scratch_.path() / (name + ".config"), fragment));
    const std::string text =
        "title = \"t\"\n[source]\ntree = \"linux\"\nfragments = [\"" + name + ".config\"]\n" + more;
    auto kernel = parse_kernel(text, scratch_.path() / (name + ".toml"));
    EXPECT_TRUE(kernel) << (kernel ? "" : kernel.error().what);
    return kernel ? *kernel : Kernel();
  }
  ScratchDir scratch_;
};

TEST_F(OptionChanges, EachOptionOfAFragmentIsOneChange) {
  auto ends = read_ends(built_with("good", "CONFIG_HZ=250\nCONFIG_SAME=y\nCONFIG_OLD=y\n"),
                        built_with("bad", "CONFIG_SAME=y\nCONFIG_HZ=1000\nCONFIG_AUDIT=y\n"));
  ASSERT_TRUE(ends);
  const KernelDifference difference = difference_between(ends->first, ends->second);
  EXPECT_THAT(texts_of(difference),
              ElementsAre("option CONFIG_AUDIT=y", "option CONFIG_HZ=250 -> CONFIG_HZ=1000",
                          "no option CONFIG_OLD=y"));
  EXPECT_EQ(fragment_with(difference, {0}),
            heading + "CONFIG_AUDIT=y\nCONFIG_HZ=250\nCONFIG_OLD=y\nCONFIG_SAME=y\n");
  EXPECT_EQ(fragment_with(difference, {1, 2}),
            heading + "CONFIG_HZ=1000\nCONFIG_SAME=y\n# CONFIG_OLD is not set\n");
  EXPECT_EQ(fragment_with(difference, {}), "") << "the ends have their own";
  EXPECT_EQ(fragment_with(difference, {0, 1, 2}), "");
}

TEST_F(OptionChanges, AnotherCompilerIsAChangeOfItsOwn) {
  auto ends = read_ends(built_with("good", "CONFIG_A=y\n"),
                        built_with("bad", "CONFIG_A=n\n", "toolchain = \"gcc\"\n"));
  ASSERT_TRUE(ends);
  const KernelDifference difference = difference_between(ends->first, ends->second);
  ASSERT_EQ(difference.changes.size(), 2U);
  EXPECT_EQ(difference.changes[0].kind, ChangeKind::source);
  EXPECT_EQ(std::get<BuildSource>(with_changes(difference, {0}).source).toolchain, "gcc");
  EXPECT_EQ(fragment_with(difference, {0}), heading + "CONFIG_A=y\n");
  const auto none =
      read_ends(built_with("good", ""), built_with("bad", "CONFIG_A=y\n", "toolchain = \"gcc\"\n"));
  ASSERT_TRUE(none);
  EXPECT_EQ(fragment_with(difference_between(none->first, none->second), {0}), heading)
      << "none of the bad end's, which its own fragments would bring";
}

TEST_F(OptionChanges, AConfigOfEachEndIsTakenApart) {
  ASSERT_TRUE(write_file_atomically(scratch_.path() / "one", "CONFIG_A=y\nCONFIG_B=y\n"));
  ASSERT_TRUE(write_file_atomically(scratch_.path() / "two", "CONFIG_A=y\n# CONFIG_B is not set\n"));
  auto ends =
      read_ends(built_with("good", "", "base = \"one\"\n"), built_with("bad", "", "base = \"two\"\n"));
  ASSERT_TRUE(ends);
  const KernelDifference difference = difference_between(ends->first, ends->second);
  EXPECT_THAT(texts_of(difference), ElementsAre("option CONFIG_B=y -> CONFIG_B=n"));
  auto unlike = read_ends(built_with("good", ""), built_with("bad", "", "base = \"two\"\n"));
  ASSERT_TRUE(unlike);
  EXPECT_EQ(difference_between(unlike->first, unlike->second).changes.front().kind, ChangeKind::source);
}

TEST_F(OptionChanges, AFragmentThatCannotBeReadIsNamed) {
  const Kernel good = built_with("good", "CONFIG_A=y\n");
  Kernel bad = good;
  std::get<BuildSource>(bad.source).fragments.emplace_back("/nowhere.config");
  const auto ends = read_ends(good, bad);
  ASSERT_FALSE(ends);
  EXPECT_EQ(ends.error().kind, ErrorKind::usage);
  EXPECT_THAT(ends.error().what, testing::HasSubstr("/nowhere.config"));
}

}  // namespace
}  // namespace loopgate
