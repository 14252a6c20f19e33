#include "run/repeat_line.h"

#include <gmock/gmock.h>

#include <sstream>

#include "base/testing/temp_folder.h"

namespace loopgate::repeat_line_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

const Catalog& catalog() {
  static const Catalog all{LOOPGATE_SOURCE_DIR};
  return all;
}

PlanRequest request_of(const std::vector<std::string>& kernels, const std::vector<std::string>& loads) {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  request.kernels = kernels;
  request.loads = loads;
  request.samples = 321;
  request.seed = 7;
  return request;
}

// What `loopgate run` would make of the line's options.
PlanRequest read_back(const std::string& line) {
  std::istringstream words(line);
  std::string word;
  PlanRequest request;
  words >> word >> word >> request.suite;
  while (words >> word) {
    std::string value;
    words >> value;
    if (word == "--board") request.board = value;
    if (word == "--lab") request.lab = value;
    if (word == "--kernel") request.kernels.push_back(value);
    if (word == "--load") request.loads.push_back(value);
    if (word == "--samples") request.samples = std::stoi(value);
    if (word == "--seed") request.seed = std::stoull(value);
    if (word == "--repetition") request.repetition = std::stoi(value);
  }
  return request;
}

TEST(RepeatLine, OfAFirstRepetition) {
  const PlanRequest request = request_of({"generic", "preempt-rt"}, {"idle", "mixed"});
  const Plan plan = make_plan(request, catalog()).value();
  EXPECT_EQ(repeat_line("build/loopgate", request, plan, plan.cells.at(3), "runs/today/"),
            "build/loopgate run irq-to-gpio --kernel preempt-rt --load mixed --samples 321 --seed 7 "
            "--repetition 1 --out runs/today-preempt-rt.mixed");
}

// Each cell of a run, whatever was asked for, comes out as itself: name, seed and stimuli.
TEST(RepeatLine, MakesAPlanOfTheCellAlone) {
  std::vector<PlanRequest> requests = {request_of({}, {}),
                                       request_of({"generic", "preempt-rt"}, {"idle", "mixed"})};
  requests[0].samples = 0;
  requests[1].repeat = 3;
  requests.push_back(requests[1]);
  requests.back().board = "qemu-virt-arm64";
  requests.push_back(request_of({"generic+cpp", "preempt-rt"}, {"idle"}));  // one contender, and all of them
  requests.back().suite = "responder-go";
  for (const PlanRequest& request : requests) {
    const Plan plan = make_plan(request, catalog()).value();
    for (const Cell& cell : plan.cells) {
      const std::string line = repeat_line("loopgate", request, plan, cell, "out");
      const auto again = make_plan(read_back(line), catalog());
      ASSERT_TRUE(again) << line << ": " << again.error().what;
      ASSERT_EQ(again->cells.size(), 1U) << line;
      EXPECT_EQ(again->cells[0].name, cell.name);
      EXPECT_EQ(again->cells[0].seed, cell.seed);
      EXPECT_EQ(again->cells[0].repetition, cell.repetition);
      EXPECT_EQ(again->samples, plan.samples);
      EXPECT_THAT(line, EndsWith(" --out out-" + cell.name));
    }
  }
}

TEST(RepeatLine, NamesFilesOfTheUsersOwnAndQuotesThem) {
  const TempFolder folder;
  const std::string load = folder.write("my loads/own.toml", "title = \"t\"\n").string();
  const PlanRequest request = request_of({"generic"}, {load});
  const Plan plan = make_plan(request, catalog()).value();
  const std::string line = repeat_line("loopgate", request, plan, plan.cells[0], "out");
  EXPECT_THAT(line, HasSubstr("--load '" + load + "'"));
  EXPECT_THAT(line, HasSubstr("--out out-generic.own"));
}

TEST(RepeatLine, NamesTheBoardAndItsLabWhereTheyWereGiven) {
  PlanRequest request = request_of({"generic"}, {"idle"});
  const Plan plan = make_plan(request, catalog()).value();
  EXPECT_THAT(repeat_line("loopgate", request, plan, plan.cells[0], "out"), Not(HasSubstr("--board")));
  request.board = "raspberry-pi-4b";
  request.lab = "labs/mine.toml";
  EXPECT_THAT(repeat_line("loopgate", request, plan, plan.cells[0], "out"),
              HasSubstr("run irq-to-gpio --board raspberry-pi-4b --lab labs/mine.toml --kernel generic"));
}

}  // namespace
}  // namespace loopgate::repeat_line_test
