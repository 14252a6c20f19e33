#include "config/kernel_toml.h"

#include <gmock/gmock.h>

#include "config/catalog.h"

namespace loopgate {
namespace {

// Whoever reads it back has the same kernel: all keys that a file may have are in these.
TEST(KernelToml, IsReadBackAsTheSameKernel) {
  constexpr const char* image = R"(
title = "one \"quoted\" \\ and\ttab"
arguments = "a=\"b c\" d"
unknown_arguments = "allowed"
[source]
image = "../Image"
config = "sub/.config"
modules = "lib/modules/6"
load = ["gpio-pl061"]
[[tuning.file]]
path = "/sys/a"
value = "1"
reads = "[1]"
[[tuning.thread]]
name = "irq/*"
policy = "other"
required = false
[[tuning.thread]]
name = "x"
policy = "rr"
priority = 3
of_payload = true
cpus = [0, 3]
[[check]]
name = "empty"
file = "/proc/x"
equals = ""
[[check]]
name = "option"
config = "CONFIG_A"
contains = "y"
)";
  constexpr const char* built = R"(
title = "built"
[source]
tree = "linux"
commit = "v6.12"
reverted = ["c0ffee"]
base = "tinyconfig"
fragments = ["a.config", "/b.config"]
patches = ["1.patch"]
toolchain = "gcc"
unknown_options = "allowed"
architecture = "arm64"
load = ["a", "b"]
)";
  for (const std::string& text :
       {std::string(image), std::string(built), std::string("title = 't'\n[source]\ndeb = 'k.deb'"),
        std::string("title = 't'\n[source]\npackage = 'p-{architecture}'\nsuite = 'sid'"),
        std::string("title = 't'\n[source]\nsource_package = 's'\nbase = 'my.config'")}) {
    const auto kernel = parse_kernel(text, "/k/one.toml");
    ASSERT_TRUE(kernel) << kernel.error().what;
    const std::string written = to_toml(*kernel);
    const auto again = parse_kernel(written, "/elsewhere/two.toml");
    ASSERT_TRUE(again) << again.error().what << "\n" << written;
    EXPECT_EQ(to_toml(*again), written);
    EXPECT_EQ(again->title, kernel->title);
    EXPECT_EQ(again->arguments, kernel->arguments);
    EXPECT_EQ(again->unknown_arguments_allowed, kernel->unknown_arguments_allowed);
    EXPECT_EQ(again->config, kernel->config);
    EXPECT_EQ(modules_to_load(again->source), modules_to_load(kernel->source));
    const auto* source = std::get_if<BuildSource>(&kernel->source);
    if (source != nullptr) {
      const auto& build = std::get<BuildSource>(again->source);
      EXPECT_EQ(build.fragments.size(), source->fragments.size());
      EXPECT_EQ(build.patches.size(), source->patches.size());
      EXPECT_EQ(build.toolchain, source->toolchain);
      EXPECT_EQ(build.architecture, source->architecture);
      EXPECT_EQ(build.commit, source->commit);
      EXPECT_EQ(build.reverted, source->reverted);
    }
    EXPECT_EQ(again->source.index(), kernel->source.index());
    EXPECT_EQ(again->files.size(), kernel->files.size());
    ASSERT_EQ(again->threads.size(), kernel->threads.size());
    for (std::size_t i = 0; i < kernel->threads.size(); ++i)
      EXPECT_EQ(again->threads[i].cpus, kernel->threads[i].cpus);
    EXPECT_EQ(again->checks.size(), kernel->checks.size());
  }
}

TEST(KernelToml, WritesPathsThatHoldFromAnywhere) {
  const auto kernel = parse_kernel("title = 't'\n[source]\nimage = '../Image'", "/k/sub/one.toml");
  ASSERT_TRUE(kernel);
  EXPECT_THAT(to_toml(*kernel), testing::HasSubstr("/k/Image'"));
}

TEST(KernelToml, EachShippedKernelIsReadBack) {
  const Catalog catalog(LOOPGATE_SOURCE_DIR);
  ASSERT_FALSE(catalog.kernels().empty());
  for (const std::string& name : catalog.kernels()) {
    const auto kernel = catalog.kernel(name);
    ASSERT_TRUE(kernel);
    const auto again = parse_kernel(to_toml(*kernel), "/elsewhere/" + name + ".toml");
    ASSERT_TRUE(again) << again.error().what;
    EXPECT_EQ(to_toml(*again), to_toml(*kernel));
  }
}

}  // namespace
}  // namespace loopgate
