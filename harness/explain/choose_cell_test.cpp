#include "explain/choose_cell.h"

#include <gmock/gmock.h>

#include "record/testing/recorded_run.h"

namespace loopgate::choose_cell_test {
namespace {

using ::testing::HasSubstr;
using testing::RecordedCell;

RecordedCell replicate(const std::string& kernel, const std::string& load, int repetition,
                       std::int64_t worst) {
  RecordedCell cell{kernel, load, {20'000, worst, 30'000}};
  cell.repetition = repetition;
  return cell;
}

class ChooseCell : public ::testing::Test {
 protected:
  ChooseCell() {
    testing::RecordedRun run;
    run.cells = {replicate("a", "mixed", 1, 50'000), replicate("a", "mixed", 2, 90'000),
                 replicate("b", "mixed", 1, 40'000), replicate("b", "mixed", 2, 41'000),
                 replicate("a", "idle", 1, 30'000),  replicate("a", "idle", 2, 30'000),
                 replicate("b", "idle", 1, 70'000),  replicate("b", "idle", 2, 30'000)};
    testing::write_run(folder_.path(), run);
    request_ = of(folder_.path());
  }

  static ExplainRequest of(const std::filesystem::path& run) {
    ExplainRequest request;
    request.run = run;
    return request;
  }

  // "CELL", or "CELL against OTHER"; what was said in said_.
  std::string chosen() {
    const auto request = with_cells(request_, [this](const std::string& line) { said_ = line; });
    if (!request) return request.error().what;
    return request->cell + (request->against.empty() ? "" : " against " + request->against);
  }

  testing::ScratchFolder folder_;
  ExplainRequest request_;
  std::string said_;
};

TEST_F(ChooseCell, WithoutAnyItIsTheWorstOfTheRun) {
  EXPECT_EQ(chosen(), "a.mixed.2");
  EXPECT_EQ(said_, "the worst sample of the run is of a.mixed.2: 90 us");
}

TEST_F(ChooseCell, OfAKernelAndALoadItIsTheirs) {
  request_.kernel = "b";
  EXPECT_EQ(chosen(), "b.idle");
  request_.load = "mixed";
  EXPECT_EQ(chosen(), "b.mixed.2");
  EXPECT_EQ(said_, "the worst sample of kernel b under load mixed is of b.mixed.2: 41 us");
}

TEST_F(ChooseCell, AnotherKernelIsComparedByItsReplicateOfTheSameSchedule) {
  request_.kernel = "a";
  request_.against = "b";
  EXPECT_EQ(chosen(), "a.mixed.2 against b.mixed.2");
}

TEST_F(ChooseCell, NamesOfCellsStay) {
  request_.cell = "b.mixed";
  request_.against = "a.mixed.2";
  EXPECT_EQ(chosen(), "b.mixed against a.mixed.2");
  EXPECT_EQ(said_, "");
}

TEST_F(ChooseCell, TheWorstOfWhatCouldNotBeReadIsNotKnown) {
  testing::write_text(folder_.path() / "cells" / "a.mixed" / "samples.lgs", "LGS");
  EXPECT_THAT(chosen(), HasSubstr("a.mixed: "));
  request_.kernel = "b";
  EXPECT_EQ(chosen(), "b.idle");
  request_ = of(folder_.path());
  request_.cell = "a.mixed.2";
  EXPECT_EQ(chosen(), "a.mixed.2");
}

TEST_F(ChooseCell, WhatFitsNothingIsRefused) {
  request_.kernel = "c";
  EXPECT_EQ(chosen(), "the run has no kernel c");
  request_ = of(folder_.path());
  request_.load = "idel";
  EXPECT_EQ(chosen(), "the run has no load idel");
  EXPECT_EQ(with_cells(request_, [](const std::string&) {}).error().next_step, "did you mean \"idle\"?");
  request_ = of(folder_.path());
  request_.cell = "b.mixed";
  request_.load = "mixed";
  EXPECT_THAT(chosen(), HasSubstr("--cell names a replicate"));
  request_ = of(folder_.path());
  request_.samples = {3};
  EXPECT_THAT(chosen(), HasSubstr("--sample is of a cell, and none is named"));
  request_ = of(folder_.path() / "none");
  EXPECT_THAT(chosen(), HasSubstr("run.json"));
}

}  // namespace
}  // namespace loopgate::choose_cell_test
