#include "analysis/sections.h"

#include <gmock/gmock.h>

namespace loopgate::sections_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RunRecord run_of_two_kernels() {
  RunRecord run;
  for (const char* kernel : {"generic", "preempt-rt"})
    for (const char* load : {"idle", "mixed"})
      for (const int repetition : {1, 2}) {
        const std::string name = std::string(kernel) + "." + load + (repetition == 1 ? "" : ".2");
        run.cells.push_back({name, kernel, load, repetition, 1, ""});
      }
  return run;
}

std::vector<std::string> names_of(const Result<std::vector<DescribedCell>>& cells) {
  std::vector<std::string> names;
  for (const DescribedCell& cell : *cells) names.push_back(cell.name);
  return names;
}

TEST(SectionCells, AreTheFirstReplicatesUnlessNamed) {
  const RunRecord run = run_of_two_kernels();
  EXPECT_THAT(names_of(section_cells({}, run)),
              ElementsAre("generic.idle", "generic.mixed", "preempt-rt.idle", "preempt-rt.mixed"));
  EXPECT_THAT(names_of(section_cells({.kernels = {"generic"}, .loads = {"mixed"}}, run)),
              ElementsAre("generic.mixed"));
  EXPECT_THAT(names_of(section_cells({.cells = {"preempt-rt.idle.2"}}, run)),
              ElementsAre("preempt-rt.idle.2"));
}

TEST(SectionCells, AreRefusedByName) {
  const RunRecord run = run_of_two_kernels();
  const std::pair<SectionsRequest, const char*> cases[] = {
      {{.kernels = {"generc"}}, "no kernel generc"},
      {{.loads = {"storm"}}, "no load storm"},
      {{.cells = {"generic.idle.3"}}, "no cell generic.idle.3"},
      {{.kernels = {"generic"}, .cells = {"generic.idle"}}, "--cell names replicates"},
  };
  for (const auto& [request, what] : cases) {
    const auto cells = section_cells(request, run);
    ASSERT_FALSE(cells) << what;
    EXPECT_EQ(cells.error().kind, ErrorKind::usage);
    EXPECT_THAT(cells.error().what, HasSubstr(what));
  }
}

}  // namespace
}  // namespace loopgate::sections_test
