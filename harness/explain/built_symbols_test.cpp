#include "explain/built_symbols.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "explain/symbols.h"

namespace loopgate {
namespace {

using testing::HasSubstr;

// This program, which has symbols of its own.
std::string own_bytes() { return *read_file("/proc/self/exe"); }

extern "C" __attribute__((noinline, used)) int loopgate_named_function() { return 7; }

TEST(BuiltSymbols, FunctionsOfAnElfFileAreLinesOfKallsyms) {
  const auto lines = functions_in_vmlinux(own_bytes(), "vmlinux");
  ASSERT_TRUE(lines) << lines.error().what;
  EXPECT_THAT(*lines, HasSubstr(" t loopgate_named_function\n"));
  const auto symbols = Symbols::of_kernel(*lines);
  ASSERT_TRUE(symbols);
  EXPECT_TRUE(symbols->address_of("loopgate_named_function"));
}

TEST(BuiltSymbols, WhatIsNoVmlinuxIsRefused) {
  const auto lines = functions_in_vmlinux("no elf", "vmlinux");
  ASSERT_FALSE(lines);
  EXPECT_EQ(lines.error().what, "vmlinux is no ELF file");
  EXPECT_FALSE(functions_in_vmlinux(own_bytes().substr(0, 64), "vmlinux"));
}

class BuiltSymbolsOf : public testing::Test {
 protected:
  KernelFiles kernel(const std::string& config) const {
    KernelFiles files;
    files.config = folder_.write("config", config);
    files.vmlinux = "/proc/self/exe";
    files.types = folder_.write("types.btf", "types");
    return files;
  }
  TempFolder folder_;
};

TEST_F(BuiltSymbolsOf, AKernelWithoutTypesOfItsOwnLieBesideIt) {
  const auto found =
      built_symbols(kernel("CONFIG_KALLSYMS=y\n# CONFIG_RANDOMIZE_BASE is not set\n"), "panic=1");
  ASSERT_TRUE(found) << found.error().what;
  ASSERT_TRUE(*found);
  EXPECT_EQ((*found)->types, "types");
  EXPECT_THAT((*found)->functions, HasSubstr("loopgate_named_function"));
}

TEST_F(BuiltSymbolsOf, OneThatHasThemIsAsked) {
  EXPECT_FALSE(*built_symbols(kernel("CONFIG_DEBUG_INFO_BTF=y\n"), ""));
}

// Its functions are where only the guest knows.
TEST_F(BuiltSymbolsOf, OneThatMovesAsItBootsIsAskedUnlessItIsToldNotTo) {
  EXPECT_FALSE(*built_symbols(kernel("CONFIG_RANDOMIZE_BASE=y\n"), "panic=1"));
  EXPECT_TRUE(*built_symbols(kernel("CONFIG_RANDOMIZE_BASE=y\n"), "panic=1 nokaslr"));
}

TEST_F(BuiltSymbolsOf, OneThatCameAsAnImageIsAsked) {
  KernelFiles files = kernel("");
  files.types.clear();
  EXPECT_FALSE(*built_symbols(files, ""));
}

}  // namespace
}  // namespace loopgate
