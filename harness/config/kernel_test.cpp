#include "config/kernel.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/digest.h"
#include "config/kernel_toml.h"
#include "config/testing/refusal.h"

namespace loopgate::kernel_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* whole = R"(title = "A kernel"
arguments = "threadirqs"
[source]
package = "linux-image-rt-arm64"
[[tuning.file]]
path = "/proc/sys/kernel/sched_rt_runtime_us"
value = "-1"
reads = "0"
[[tuning.thread]]
name = "irq/*"
policy = "fifo"
priority = 40
required = false
[[check]]
name = "real-time"
file = "/sys/kernel/realtime"
equals = "1"
[[check]]
name = "built in"
config = "CONFIG_PREEMPT_RT"
contains = "y"
)";

std::string refusal(const std::string& text) { return refusal_of(read_kernel, text); }
std::string refusal_of_source(const std::string& source) {
  return refusal("title = \"t\"\n[source]\n" + source);
}

TEST(Kernel, ReadsEveryKey) {
  const TempFolder folder;
  const auto kernel = read_kernel(folder.write("rt.toml", whole));
  ASSERT_TRUE(kernel) << kernel.error().what;
  EXPECT_EQ(kernel->name, "rt");
  EXPECT_EQ(kernel->title, "A kernel");
  EXPECT_EQ(kernel->arguments, "threadirqs");
  EXPECT_EQ(std::get<PackageSource>(kernel->source).package, "linux-image-rt-arm64");
  EXPECT_EQ(std::get<PackageSource>(kernel->source).suite, "trixie");
  ASSERT_EQ(kernel->files.size(), 1U);
  EXPECT_EQ(kernel->files[0].path, "/proc/sys/kernel/sched_rt_runtime_us");
  EXPECT_EQ(kernel->files[0].value, "-1");
  EXPECT_EQ(kernel->files[0].reads, "0");
  ASSERT_EQ(kernel->threads.size(), 1U);
  EXPECT_EQ(kernel->threads[0].name, "irq/*");
  EXPECT_EQ(kernel->threads[0].policy, "fifo");
  EXPECT_EQ(kernel->threads[0].priority, 40);
  EXPECT_FALSE(kernel->threads[0].required);
  ASSERT_EQ(kernel->checks.size(), 2U);
  EXPECT_EQ(kernel->checks[0].file, "/sys/kernel/realtime");
  EXPECT_EQ(kernel->checks[0].equals, "1");
  EXPECT_EQ(kernel->checks[1].config, "CONFIG_PREEMPT_RT");
  EXPECT_EQ(kernel->checks[1].contains, "y");
  EXPECT_EQ(kernel->sha256, sha256_of(whole));
}

TEST(Kernel, PathsAreRelativeToItsFile) {
  const TempFolder folder;
  const auto own = read_kernel(
      folder.write("k/own.toml", "title=\"t\"\n[source]\nimage = \"out/Image\"\nconfig = \"/etc/config\"\n"));
  ASSERT_TRUE(own);
  EXPECT_EQ(std::get<ImageSource>(own->source).file, folder.path() / "k" / "out" / "Image");
  EXPECT_EQ(own->config, "/etc/config");
  const auto deb = read_kernel(folder.write("k/deb.toml", "title=\"t\"\n[source]\ndeb = \"x.deb\"\n"));
  ASSERT_TRUE(deb);
  EXPECT_EQ(std::get<DebSource>(deb->source).file, folder.path() / "k" / "x.deb");
}

TEST(Kernel, IsBuiltFromATreeOrASourcePackage) {
  const TempFolder folder;
  const auto built = read_kernel(
      folder.write("k/built.toml",
                   "title=\"t\"\n[source]\nsource_package = \"linux-source-6.12\"\nbase = \"tinyconfig\"\n"
                   "fragments = [\"fragments/rt.config\", \"/f.config\"]\npatches = [\"a.patch\"]\ntoolchain "
                   "= \"gcc\"\n"));
  ASSERT_TRUE(built) << built.error().what;
  const auto& source = std::get<BuildSource>(built->source);
  EXPECT_EQ(source.source_package, "linux-source-6.12");
  EXPECT_EQ(source.base, "tinyconfig");
  EXPECT_EQ(source.fragments,
            (std::vector<std::filesystem::path>{folder.path() / "k/fragments/rt.config", "/f.config"}));
  EXPECT_EQ(source.patches, (std::vector<std::filesystem::path>{folder.path() / "k/a.patch"}));
  EXPECT_EQ(source.toolchain, "gcc");
  const auto tree = read_kernel(
      folder.write("k/tree.toml", "title=\"t\"\n[source]\ntree = \"../linux\"\nbase = \"my.config\"\n"));
  ASSERT_TRUE(tree) << tree.error().what;
  EXPECT_EQ(std::get<BuildSource>(tree->source).tree, folder.path() / "k/../linux");
  EXPECT_EQ(std::get<BuildSource>(tree->source).base, (folder.path() / "k/my.config").string());
  const auto loads = read_kernel(folder.write(
      "k/loads.toml",
      "title=\"t\"\n[source]\nsource_package = \"linux-source-6.12\"\nload = [\"gpio-pl061\"]\n"));
  ASSERT_TRUE(loads) << loads.error().what;
  EXPECT_THAT(modules_to_load(loads->source), ElementsAre("gpio-pl061")) << "the build makes them";
}

TEST(Kernel, RefusesWhatDoesNotGoWithABuild) {
  EXPECT_THAT(refusal_of_source("tree = \"a\"\nsource_package = \"b\"\n"),
              HasSubstr("give exactly one of the five"));
  EXPECT_THAT(refusal_of_source("tree = \"\"\n"), HasSubstr("source.tree is empty"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\narchitecture = \"x86_64\"\n"),
              HasSubstr("source.architecture must be arm64 or amd64"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\ntoolchain = \"tcc\"\n"),
              HasSubstr("source.toolchain must be gcc or clang-N"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\nunknown_options = \"some\"\n"),
              HasSubstr("source.unknown_options must be refused or allowed"));
  EXPECT_THAT(refusal_of_source("image = \"a\"\nunknown_options = \"allowed\"\n"),
              HasSubstr("source.unknown_options goes with tree and source_package"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\nconfig = \"c\"\n"),
              HasSubstr("source.config is what the build makes"));
  EXPECT_THAT(refusal_of_source("image = \"a\"\nfragments = [\"f\"]\n"),
              HasSubstr("source.fragments goes with tree and source_package"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\npatches = [\"\"]\n"), HasSubstr("patches has an empty name"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\ncommit = \"\"\n"), HasSubstr("commit is empty"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\nreverted = [\"b\"]\n"),
              HasSubstr("reverted goes with commit"));
  EXPECT_THAT(refusal_of_source("source_package = \"a\"\ncommit = \"b\"\n"),
              HasSubstr("commit goes with tree"));
  EXPECT_THAT(refusal_of_source("tree = \"a\"\nmodules = \"m\"\n"),
              HasSubstr("modules goes with image alone"));
}

TEST(Kernel, RefusesUnknownKeysAndTypes) {
  EXPECT_THAT(refusal("titel = \"t\"\n" + std::string(whole)),
              HasSubstr("file.toml:1: titel is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "reads = ", "raeds = ")),
              HasSubstr("tuning.file[0].raeds is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "required = false", "requried = false")),
              HasSubstr("tuning.thread[0].requried is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "[[tuning.thread]]", "[[tuning.threads]]")),
              HasSubstr("tuning.threads is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "contains = ", "contain = ")), HasSubstr("check[1]."));
  EXPECT_THAT(refusal(altered(whole, "priority = 40", "priority = \"40\"")),
              HasSubstr("tuning.thread[0].priority must be a whole number"));
  EXPECT_THAT(refusal(altered(whole, "value = \"-1\"", "value = -1")),
              HasSubstr("tuning.file[0].value must be a string"));
  EXPECT_THAT(refusal_of_source("package = \"p\"\nmodule = \"m\"\n"),
              HasSubstr("source.module is an unknown key"));
}

TEST(Kernel, RefusesOtherThanOneSource) {
  EXPECT_THAT(refusal("title = \"t\"\n"), HasSubstr("source is missing"));
  EXPECT_THAT(refusal_of_source(""),
              HasSubstr("source.package deb, image, tree, source_package: give exactly one of the five"));
  EXPECT_THAT(refusal_of_source("package = \"p\"\nimage = \"i\"\n"),
              HasSubstr("give exactly one of the five"));
  for (const char* empty : {"package = \"\"", "image = \"\"", "deb = \"\""})
    EXPECT_THAT(refusal_of_source(empty), HasSubstr("source.")) << empty;
}

TEST(Kernel, RefusesThreadTuningThatCannotBe) {
  EXPECT_THAT(refusal(altered(whole, "\"fifo\"", "\"FIFO\"")),
              HasSubstr("tuning.thread[0].policy must be fifo, rr or other"));
  for (const char* priority : {"0", "100", "-1", "4294967297"})
    EXPECT_THAT(refusal(altered(whole, "priority = 40", std::string("priority = ") + priority)),
                HasSubstr("tuning.thread[0].priority must be from 1 to 99"));
  EXPECT_THAT(refusal(altered(whole, "\"fifo\"", "\"other\"")),
              HasSubstr("tuning.thread[0].priority goes with fifo and rr only"));
}

TEST(Kernel, KeepsThreadsToCpus) {
  const TempFolder folder;
  const auto kernel =
      read_kernel(folder.write("rt.toml", altered(whole, "required = false", "cpus = [2, 0]")));
  ASSERT_TRUE(kernel);
  EXPECT_EQ(kernel->threads[0].cpus, (std::vector<int>{0, 2}));
  for (const char* cpus : {"[]", "[1, 1]", "[-1]", "[1024]"})
    EXPECT_THAT(refusal(altered(whole, "required = false", std::string("cpus = ") + cpus)),
                HasSubstr("tuning.thread[0].cpus must be CPUs' numbers from 0 to 1023, each once"));
}

TEST(Kernel, AThreadOfThePayloadIsRequiredOrNot) {
  const TempFolder folder;
  const auto kernel =
      read_kernel(folder.write("rt.toml", altered(whole, "required = false", "of_payload = true")));
  ASSERT_TRUE(kernel);
  EXPECT_TRUE(kernel->threads[0].of_payload);
  EXPECT_TRUE(kernel->threads[0].required);
  EXPECT_THAT(refusal(altered(whole, "required = false", "required = false\nof_payload = true")),
              HasSubstr("of_payload"));
}

TEST(Kernel, RefusesChecksThatCheckNothing) {
  EXPECT_THAT(refusal(altered(whole, "equals = \"1\"\n", "")),
              HasSubstr("check[0].name needs one of equals and contains"));
  EXPECT_THAT(refusal(altered(whole, "equals = \"1\"\n", "equals = \"1\"\ncontains = \"1\"\n")),
              HasSubstr("check[0].name needs one of equals and contains"));
  EXPECT_THAT(refusal(altered(whole, "file = \"/sys/kernel/realtime\"\n", "")),
              HasSubstr("check[0].name needs one of file and config"));
}

// Neither the host nor the agent would look at such a check: it would vanish in silence.
TEST(Kernel, RefusesChecksOfAnEmptyFileOrOption) {
  EXPECT_THAT(refusal(altered(whole, "file = \"/sys/kernel/realtime\"", "file = \"\"")),
              HasSubstr("check[0]."));
  EXPECT_THAT(refusal(altered(whole, "config = \"CONFIG_PREEMPT_RT\"", "config = \"\"")),
              HasSubstr("check[1]."));
}

TEST(Kernel, APackageBringsTheModulesToLoad) {
  const TempFolder folder;
  for (const char* source : {"package = \"p\"", "deb = \"p.deb\"", "tree = \"linux\""}) {
    const auto kernel = read_kernel(
        folder.write("mine.toml", fmt::format("title = \"t\"\n[source]\n{}\nload = [\"vivid\"]\n", source)));
    ASSERT_TRUE(kernel) << kernel.error().what;
    EXPECT_EQ(modules_to_load(kernel->source), std::vector<std::string>{"vivid"}) << source;
    const auto again = read_kernel(folder.write("again.toml", to_toml(*kernel)));
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(modules_to_load(again->source), std::vector<std::string>{"vivid"}) << source;
  }
}

TEST(Kernel, AnImageMayHaveModulesToLoad) {
  const TempFolder folder;
  const auto kernel = read_kernel(folder.write(
      "mine.toml",
      "title = \"t\"\n[source]\nimage = \"Image\"\nmodules = \"m/6.12\"\nload = [\"gpio-pl061\"]\n"));
  ASSERT_TRUE(kernel) << kernel.error().what;
  EXPECT_EQ(std::get<ImageSource>(kernel->source).modules, folder.path() / "m/6.12");
  EXPECT_EQ(modules_to_load(kernel->source), std::vector<std::string>{"gpio-pl061"});
  EXPECT_THAT(refusal_of_source("package = \"p\"\nmodules = \"m\"\nload = [\"x\"]\n"),
              HasSubstr("modules goes with image alone"));
  EXPECT_THAT(refusal_of_source("image = \"i\"\nmodules = \"m\"\n"),
              HasSubstr("load and modules go together"));
  EXPECT_THAT(refusal_of_source("image = \"i\"\nload = [\"x\"]\n"),
              HasSubstr("load and modules go together"));
}

TEST(KernelPackage, IsNamedForAnArchitecture) {
  PackageSource source;
  source.package = "linux-image-rt-{architecture}";
  EXPECT_EQ(package_for(source, Architecture::amd64), "linux-image-rt-amd64");
  EXPECT_EQ(package_for(source, Architecture::armhf), "linux-image-rt-armmp");
  source.package = "linux-image-{architecture}-mine";
  EXPECT_EQ(package_for(source, Architecture::arm64), "linux-image-arm64-mine");
  source.package = "linux-image-6.12-amd64";
  EXPECT_EQ(package_for(source, Architecture::arm64), "linux-image-6.12-amd64")
      << "one of the user's own choice";
}

TEST(KernelFile, SaysWhetherArgumentsMayDoNothing) {
  const auto with = [](const std::string& line) {
    return parse_kernel("title = \"t\"\n" + line + "\n[source]\npackage = \"linux-image\"\n", "k.toml");
  };
  EXPECT_FALSE(with("").value().unknown_arguments_allowed);
  EXPECT_FALSE(with("unknown_arguments = \"refused\"").value().unknown_arguments_allowed);
  EXPECT_TRUE(with("unknown_arguments = \"allowed\"").value().unknown_arguments_allowed);
  const auto other = with("unknown_arguments = \"yes\"");
  ASSERT_FALSE(other);
  EXPECT_THAT(other.error().what, HasSubstr("unknown_arguments must be refused or allowed"));
}

}  // namespace
}  // namespace loopgate::kernel_test
