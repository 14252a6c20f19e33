#include "explain/symbols.h"

#include <gmock/gmock.h>
#include <libelf.h>

#include <cstdio>
#include <fstream>

#include "base/file.h"
#include "explain/testing/made_up_trace.h"

namespace loopgate::symbols_test {
namespace {

using namespace testing;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

int a_function_of_this_program() { return 42; }

TEST(Symbols, AnAddressBelongsToTheFunctionThatBeginsBeforeIt) {
  Symbols symbols = *Symbols::of_kernel(kallsyms({"one", "two"}));
  const auto name = [&](std::uint64_t address) { return symbols.names()[symbols.function_at(address)]; };
  EXPECT_EQ(name(kernel), "one");
  EXPECT_EQ(name(kernel + 0xffc), "one");
  EXPECT_EQ(name(kernel + 0x1000), "two");
  EXPECT_EQ(symbols.function_at(kernel), symbols.function_at(kernel + 8));
  EXPECT_EQ(*symbols.address_of("two"), kernel + 0x1000);
  EXPECT_FALSE(symbols.address_of("three"));
}

TEST(Symbols, NothingIsGuessed) {
  Symbols symbols = *Symbols::of_kernel(kallsyms({"one"}));
  const auto name = [&](std::uint64_t address) { return symbols.names()[symbols.function_at(address)]; };
  EXPECT_EQ(name(kernel - 0x10), "0xffff80007ffff000");
  EXPECT_EQ(name(kernel + 0x40000000), "0xffff8000c0000000");
  symbols.enter_program("stress-ng", 0);
  EXPECT_EQ(name(0x1234567), "0x1234000 in stress-ng");
}

TEST(Symbols, LinesThatNameNoFunctionAreLeftOut) {
  Symbols symbols = *Symbols::of_kernel(
      "ffff800080000000 T one\nffff800080000010 t $x\ngarbage\n0000000000000000 T zero\n"
      "ffff800080000020 t two\t[module]\n");
  EXPECT_EQ(symbols.names()[symbols.function_at(kernel + 0x18)], "one");
  EXPECT_EQ(symbols.names()[symbols.function_at(kernel + 0x20)], "two");
  EXPECT_FALSE(symbols.address_of("zero"));
  EXPECT_FALSE(Symbols::of_kernel(""));
  EXPECT_FALSE(Symbols::of_kernel("0000000000000000 T hidden\n"));
}

TEST(Symbols, AProgramsFunctionsAreItsOwn) {
  Symbols symbols = *Symbols::of_kernel(kallsyms({"one"}));
  ASSERT_TRUE(symbols.add_program("me", "/proc/self/exe"));
  EXPECT_EQ(a_function_of_this_program(), 42);
  EXPECT_FALSE(symbols.add_program("no", "/proc/self/maps"));
}

// libelf is one that has functions by name and is there wherever this test is.
CodeMap libelf_here() {
  const auto inside = reinterpret_cast<std::uintptr_t>(&elf_version);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    CodeMap map;
    char rights[8] = {}, file[256] = {};
    const int read = std::sscanf(line.c_str(), "%lx-%lx %7s %lx %*s %*s %255s", &map.begin, &map.end, rights,
                                 &map.offset, file);
    map.file = file;
    if (read == 5 && map.begin <= inside && inside < map.end) return map;
  }
  return {};
}

TEST(Symbols, APayloadsLibrariesHaveNames) {
  const CodeMap libelf = libelf_here();
  ASSERT_THAT(libelf.file, HasSubstr("libelf"));
  const auto inside = reinterpret_cast<std::uintptr_t>(&elf_version);
  const std::string bytes = *read_file(libelf.file);
  Symbols symbols = *Symbols::of_kernel(kallsyms({"one"}));
  const auto name = [&](std::uint64_t address) { return symbols.names()[symbols.function_at(address)]; };
  ASSERT_TRUE(symbols.add_library({"/bin/inspect", 0x10000, 0x20000, 0}, ""));
  ASSERT_TRUE(symbols.add_library(libelf, bytes));
  ASSERT_TRUE(symbols.add_library({"[vdso]", 0x40000, 0x41000, 0}, ""));
  symbols.enter_program("inspect", 0x10040);
  EXPECT_EQ(name(inside), "elf_version");
  EXPECT_EQ(name(inside + 4), "elf_version");
  EXPECT_EQ(name(0x40123), "0x0 in [vdso]");
  EXPECT_EQ(name(0x50123), "0x50000 in inspect");
  // Another program, or one of its name whose code is elsewhere, has libraries of its own.
  symbols.enter_program("stress-ng", 0x10040);
  EXPECT_THAT(name(inside), HasSubstr("in stress-ng"));
  symbols.enter_program("inspect", 0x90000);
  EXPECT_THAT(name(inside), HasSubstr("in inspect"));
  EXPECT_FALSE(symbols.add_library(libelf, "no ELF file"));
  EXPECT_FALSE(symbols.add_library(libelf, std::string_view(bytes).substr(0, 3)));
}

// The right name, or the place in the file: a guess never.
TEST(Symbols, ACutOffLibraryGivesTheRightNameOrAnAddress) {
  const CodeMap libelf = libelf_here();
  const std::string bytes = *read_file(libelf.file);
  const auto inside = reinterpret_cast<std::uintptr_t>(&elf_version);
  const auto name_of_first = [&](std::size_t size) {
    Symbols symbols = *Symbols::of_kernel(kallsyms({"one"}));
    EXPECT_TRUE(symbols.add_library({"/bin/inspect", 0x10000, 0x20000, 0}, ""));
    if (!symbols.add_library(libelf, std::string_view(bytes).substr(0, size))) return std::string("refused");
    symbols.enter_program("inspect", 0x10040);
    return symbols.names()[symbols.function_at(inside)];
  };
  for (std::size_t size = 1; size < sizeof(Elf64_Ehdr); ++size)  // none at all: code without a file
    EXPECT_EQ(name_of_first(size), "refused") << size;
  EXPECT_EQ(name_of_first(bytes.size()), "elf_version");
  for (std::size_t size = sizeof(Elf64_Ehdr); size < bytes.size(); size += bytes.size() / 97)
    EXPECT_THAT(name_of_first(size), AnyOf("elf_version", MatchesRegex("0x[0-9a-f]+ in libelf.*"))) << size;
}

TEST(CodeMapsOfAReport, AreReadOrRefused) {
  const auto maps = code_maps_in(
      R"({"payload":{"code":[{"file":"/bin/inspect","begin":65536,"end":131072,"offset":4096}]}})");
  ASSERT_TRUE(maps) << maps.error().what;
  ASSERT_EQ(maps->size(), 1U);
  EXPECT_EQ(maps->front().file, "/bin/inspect");
  EXPECT_EQ(maps->front().offset, 4096U);
  for (const char* damaged : {"", "[]", R"({"payload":null})", R"({"payload":{"code":[{"file":3}]}})"})
    EXPECT_EQ(code_maps_in(damaged).error().kind, ErrorKind::data) << damaged;
}

}  // namespace
}  // namespace loopgate::symbols_test
