#include "config/catalog.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>

#include "base/testing/temp_folder.h"
#include "config/lab.h"

namespace loopgate::catalog_test {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const Catalog& own() {
  static const Catalog catalog(LOOPGATE_SOURCE_DIR);
  return catalog;
}

// Every name must lead to a file that reads without error, of that name.
template <class Get>
void expect_all_read(const std::vector<std::string>& names, Get get) {
  EXPECT_THAT(names, Not(IsEmpty()));
  for (const std::string& name : names) {
    const auto item = get(name);
    ASSERT_TRUE(item) << item.error().what;
    EXPECT_EQ(item->name, name);
    EXPECT_FALSE(item->title.empty()) << name;
    EXPECT_EQ(item->sha256.size(), 64U) << name;
  }
}

TEST(OwnFiles, AllRead) {
  expect_all_read(own().boards(), [](const std::string& name) { return own().board(name); });
  expect_all_read(own().kernels(), [](const std::string& name) { return own().kernel(name); });
  expect_all_read(own().loads(), [](const std::string& name) { return own().load(name); });
  expect_all_read(own().suites(), [](const std::string& name) { return own().suite(name); });
}

// What the example shows can be used as it stands: each of its tables is read, and completes its board.
TEST(OwnFiles, OfABenchFitTheirBoards) {
  const fs::path example = own().root() / "boards" / "lab.example.toml";
  int boards = 0;
  for (const std::string& name : own().boards()) {
    const Board board = own().board(name).value();
    if (board.is_virtual()) continue;
    ++boards;
    const auto lab = read_lab(example, name);
    ASSERT_TRUE(lab) << to_text(lab.error());
    const auto whole = on_bench(board, *lab);
    ASSERT_TRUE(whole) << to_text(whole.error());
    EXPECT_GE(whole->lines.stimulus_out, 0) << name;
    EXPECT_FALSE(whole->ssh().root.empty()) << name;
  }
  EXPECT_EQ(boards, 5);
}

TEST(OwnFiles, OfASuiteExistAndFitItsBoard) {
  for (const std::string& name : own().suites()) {
    const Suite suite = own().suite(name).value();
    for (const std::string& load : suite.loads) EXPECT_THAT(own().loads(), Contains(load)) << name;
    for (const std::string& kernel : suite.kernels) EXPECT_THAT(own().kernels(), Contains(kernel)) << name;
    const auto board = own().board(suite.board);
    ASSERT_TRUE(board) << board.error().what;
    for (const std::string& need : suite.requirements) EXPECT_THAT(board->provides, Contains(need)) << name;
  }
}

TEST(OwnFiles, HoldWhatWasPromised) {
  EXPECT_THAT(own().loads(), ::testing::IsSupersetOf({"idle", "cpu", "memory", "fork", "filesystem",
                                                      "irq-storm", "rt-contention", "mixed"}));
  EXPECT_THAT(own().kernels(),
              ::testing::IsSupersetOf({"generic", "preempt-rt", "rt-irq-threads", "generic-threadirqs"}));
  for (const std::string& name : own().loads()) {
    const Load load = own().load(name).value();
    if (name == "idle") {
      EXPECT_THAT(load.parts, IsEmpty());
    }
    for (const LoadPart& part : load.parts)
      EXPECT_THAT(part.min_per_second, Not(IsEmpty()))
          << name << ": nothing would prove that " << part.name << " ran";
  }
}

TEST(Catalog, RefusesUnknownNamesAndTellsTheKnownOnes) {
  const auto board = own().board("qemu-virt");
  ASSERT_FALSE(board);
  EXPECT_EQ(board.error().kind, ErrorKind::usage);
  EXPECT_EQ(board.error().what, "there is no board \"qemu-virt\"");
  EXPECT_THAT(board.error().next_step, HasSubstr("qemu-virt-arm64"));
  const auto kernel = own().kernel("preempt-tr");
  ASSERT_FALSE(kernel);
  EXPECT_EQ(kernel.error().kind, ErrorKind::usage);
  EXPECT_EQ(kernel.error().what, "there is no kernel \"preempt-tr\"");
  EXPECT_EQ(kernel.error().next_step, "did you mean \"preempt-rt\"? Or name a .toml file of your own");
  EXPECT_THAT(own().kernel("mainline").error().next_step,
              HasSubstr("known: generic, generic-preempt-full, generic-preempt-none"));
  const auto load = own().load("");
  ASSERT_FALSE(load);
  EXPECT_EQ(load.error().what, "there is no load \"\"");
  EXPECT_EQ(own().suite((own().root() / "suites" / "irq-to-gpio").string())->name, "irq-to-gpio");
  const auto suite = own().suite("irq");
  ASSERT_FALSE(suite);
  EXPECT_EQ(suite.error().what, "there is no suite \"irq\"");
  EXPECT_THAT(suite.error().next_step, HasSubstr("irq-to-gpio"));
  EXPECT_THAT(suite.error().next_step, HasSubstr("folder"));
  EXPECT_FALSE(own().board("../boards/qemu-virt-arm64")) << "no later step finds it by its name";
}

TEST(Catalog, ListsByNameAndLeavesExamplesOut) {
  const TempFolder folder;
  for (const char* name : {"b.toml", "a.toml", "c.example.toml", "fetch", "notes.md"})
    folder.write(fs::path("fixtures/kernels") / name, "");
  folder.write("suites/with/suite.toml", "");
  folder.write("suites/without/responder.cpp", "");
  const Catalog catalog(folder.path());
  EXPECT_THAT(catalog.kernels(), ElementsAre("a", "b"));
  EXPECT_THAT(catalog.suites(), ElementsAre("with"));
  EXPECT_THAT(catalog.boards(), IsEmpty());
}

TEST(Catalog, TakesAFileOfTheUsersOwn) {
  const TempFolder folder;
  const auto load = own().load(folder.write("mine.toml", "title = \"mine\"\n").string());
  ASSERT_TRUE(load);
  EXPECT_EQ(load->name, "mine");
  const auto absent = own().load((folder.path() / "absent.toml").string());
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::usage);
  EXPECT_THAT(absent.error().what, HasSubstr("absent.toml: cannot be read"));
}

TEST(Catalog, IsFoundByTheEnvironment) {
  ::setenv("LOOPGATE_ROOT", "/somewhere", 1);
  const auto catalog = Catalog::find();
  ::unsetenv("LOOPGATE_ROOT");
  ASSERT_TRUE(catalog);
  EXPECT_EQ(catalog->root(), "/somewhere");
}

}  // namespace
}  // namespace loopgate::catalog_test
