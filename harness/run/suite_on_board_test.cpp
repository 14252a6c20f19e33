#include "run/suite_on_board.h"

#include <gmock/gmock.h>

#include <algorithm>

#include "base/testing/temp_folder.h"
#include "run/plan.h"

namespace loopgate::suite_on_board_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

const Catalog& catalog() {
  static const Catalog shipped(LOOPGATE_SOURCE_DIR);
  return shipped;
}

std::vector<Load> loads_of(const Suite& suite) {
  std::vector<Load> loads;
  for (const std::string& name : suite.loads) loads.push_back(catalog().load(name).value());
  return loads;
}

SuiteOnBoard choice_of(const Suite& suite, const Board& board, const std::filesystem::path& lab,
                       const std::vector<Kernel>& kernels) {
  return suite_on_board(suite, loads_of(suite), board, board_on_bench(board, lab), kernels);
}

// Whatever a plan says of a combination is what is told of it, for all that is shipped.
TEST(SuiteOnBoard, AgreesWithThePlan) {
  const TempFolder folder;
  const auto lab = folder.write("lab.toml",
                                "[raspberry-pi-4b]\nssh = \"pi\"\n[x86-pc]\nssh = \"pc\"\n"
                                "[qemu-arm64-disk]\nssh = \"q\"\n");
  std::size_t possible = 0;
  std::size_t refused = 0;
  for (const std::string& suite : catalog().suites())
    for (const std::string& board : catalog().boards())
      for (const std::string& kernel : catalog().kernels()) {
        const SuiteOnBoard choice = choice_of(catalog().suite(suite).value(), catalog().board(board).value(),
                                              lab, {catalog().kernel(kernel).value()});
        PlanRequest request;
        request.suite = suite;
        request.board = board;
        request.kernels = {kernel};
        request.lab = lab;
        const auto plan = make_plan(request, catalog());
        ASSERT_EQ(choice.possible_with(choice.kernels.front()), plan.has_value()) << suite << board << kernel;
        ++(plan ? possible : refused);
        if (plan) continue;
        std::vector<Error> reasons = choice.lacks;
        if (!choice.on_bench) reasons.push_back(board_on_bench(catalog().board(board).value(), lab).error());
        std::ranges::copy(choice.kernels.front().lacks, std::back_inserter(reasons));
        EXPECT_NE(std::ranges::find(reasons, plan.error().what, &Error::what), reasons.end())
            << plan.error().what;
      }
  EXPECT_GT(possible, 0U);
  EXPECT_GT(refused, 0U);
}

TEST(SuiteOnBoard, TellsAllReasonsAtOnce) {
  const TempFolder folder;
  const Kernel foreign =
      catalog()
          .kernel(
              folder.write("pi.toml", "title = \"t\"\n[source]\npackage = \"linux-image-arm64\"\n").string())
          .value();
  const Kernel absent =
      catalog()
          .kernel(folder.write("mine.toml", "title = \"t\"\n[source]\nimage = \"Image\"\n").string())
          .value();
  Board board = catalog().board("x86-pc").value();
  board.provides.clear();
  const SuiteOnBoard choice = choice_of(catalog().suite("inspection").value(), board,
                                        folder.path() / "absent.toml", {foreign, absent});
  EXPECT_FALSE(choice.on_bench);
  ASSERT_EQ(choice.lacks.size(), 2U);
  EXPECT_EQ(choice.lacks[0].what,
            "suite inspection requires irq-to-gpio, which board x86-pc does not provide");
  EXPECT_EQ(choice.lacks[1].what, "suite inspection requires decisions, which board x86-pc does not provide");
  ASSERT_EQ(choice.kernels.size(), 2U);
  EXPECT_THAT(choice.kernels[0].lacks.front().what, HasSubstr("is for arm64, and board x86-pc is amd64"));
  EXPECT_THAT(choice.kernels[1].lacks.front().what, HasSubstr("Image, and there is no such file"));
  const std::string text = suite_on_boards_text({choice});
  EXPECT_THAT(text, HasSubstr("  x86-pc                 no kernel: its bench is not known, see above\n    "
                              "suite inspection requires irq-to-gpio"));
  EXPECT_THAT(text, HasSubstr("\n      -> "));
}

TEST(SuiteOnBoard, NamesTheKernelsThatGo) {
  const SuiteOnBoard choice =
      choice_of(catalog().suite("irq-to-gpio").value(), catalog().board("qemu-virt-arm64").value(),
                "lab.toml", {catalog().kernel("generic").value(), catalog().kernel("preempt-rt").value()});
  EXPECT_THAT(choice.lacks, IsEmpty());
  EXPECT_EQ(suite_on_boards_text({choice}), "  qemu-virt-arm64        generic, preempt-rt\n");
}

}  // namespace
}  // namespace loopgate::suite_on_board_test
