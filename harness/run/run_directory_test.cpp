#include "run/run_directory.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "qemu/qemu_machine.h"
#include "record/amendments.h"
#include "run/cell_request.h"
#include "run/cell_runner.h"
#include "run/describe_run.h"
#include "run/testing/fake_machine.h"

namespace loopgate::run_directory_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;

RunRecord description(int jobs = 2, const std::string& image_sha256 = "image") {
  KernelFiles image;
  image.image_sha256 = image_sha256;
  const Plan plan = made_up_plan(2);
  return describe_run(plan, {}, {image, image}, {}, QemuMachineRecord{"10.0.2", "q", 0, "i"}, jobs,
                      {"0.1.0", ""});
}

class ARunDirectory : public ::testing::Test {
 protected:
  fs::path out() const { return folder_.path() / "runs" / "today"; }
  RunDirectory open_new() const { return RunDirectory::open(out(), description(), false).value(); }
  Error refusal(const RunRecord& run, bool resume) const {
    const auto opened = RunDirectory::open(out(), run, resume);
    return opened ? Error{ErrorKind::kernel, "accepted", ""} : opened.error();
  }
  // Leaves the cell's samples, and gives the outcome that is still to be written.
  Outcome measure(const RunDirectory& directory, const Cell& cell) const {
    EXPECT_TRUE(make_directories(directory.folder_of(cell)));
    const CellRequest request = request_for(plan_, cell, {}, {}, directory.folder_of(cell));
    FakeMachine machine;
    return run_cell(&machine, plan_, cell, request, {});
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan(2);
};

TEST_F(ARunDirectory, IsMadeWithItsDescription) {
  const RunDirectory directory = open_new();
  EXPECT_EQ(directory.path(), out());
  EXPECT_EQ(directory.folder_of(plan_.cells[2]), out() / "cells" / "generic.storm.2");
  EXPECT_TRUE(fs::is_directory(out() / "cells"));
  EXPECT_EQ(read_run_record(out())->seed, 1U);
}

TEST_F(ARunDirectory, MayBeAnEmptyFolder) {
  fs::create_directories(out());
  EXPECT_TRUE(RunDirectory::open(out(), description(), false));
}

TEST_F(ARunDirectory, MayBeWhatARunLeftThatWasKilledAtItsBeginning) {
  for (const bool resume : {false, true}) {
    fs::remove_all(out());
    fs::create_directories(out() / "cells");
    EXPECT_EQ(refusal(description(), resume).what, "accepted");
    EXPECT_TRUE(fs::exists(out() / "run.json"));
  }
  fs::remove(out() / "run.json");
  fs::create_directories(out() / "cells" / "generic.storm");
  EXPECT_EQ(refusal(description(), false).what, out().string() + " exists") << "a cell is a run's";
  fs::remove_all(out() / "cells");
  folder_.write("runs/today/cells", "a file");
  EXPECT_EQ(refusal(description(), false).what, out().string() + " exists");
}

TEST_F(ARunDirectory, ThatExistsIsRefusedAndNotTouched) {
  open_new();
  const std::string before = text_of_file(out() / "run.json");
  const Error error = refusal(description(), false);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what, out().string() + " exists");
  EXPECT_THAT(error.next_step, AllOf(HasSubstr("--out"), HasSubstr("--resume")));
  EXPECT_EQ(text_of_file(out() / "run.json"), before);
  folder_.write("file", "x");
  EXPECT_FALSE(RunDirectory::open(folder_.path() / "file", description(), false)) << "a file is no folder";
  EXPECT_FALSE(RunDirectory::open(folder_.path() / "file", description(), true));
}

TEST_F(ARunDirectory, IsResumedWithTheSamePlanWhateverTheJobs) {
  open_new();
  RunRecord later = description(7);
  later.circumstances.started = "2030-01-01T00:00:00Z";
  later.circumstances.commit = "another";
  EXPECT_EQ(refusal(later, true).what, "accepted");
  EXPECT_EQ(read_run_record(out())->circumstances.jobs, 2) << "the first run's description stands";
}

TEST_F(ARunDirectory, IsNotResumedWithAnotherPlan) {
  open_new();
  RunRecord other = description();
  other.samples = 8;
  const Error error = refusal(other, true);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what,
            out().string() + " holds another run than this one: samples is 7 in one and 8 in the other");
  EXPECT_NE(error.next_step, "");
  EXPECT_THAT(refusal(description(2, "another image"), true).what,
              HasSubstr("image_sha256 is image in one and another image in the other"));
}

TEST_F(ARunDirectory, IsNotResumedOnceItIsMerged) {
  open_new();
  RunRecord merged = read_run_record(out()).value();
  MergedShard& shard = merged.circumstances.shards.emplace_back();
  for (const DescribedCell& cell : merged.cells) shard.cells.push_back(cell.name);
  ASSERT_TRUE(write_run_record(out(), merged));
  const Error error = refusal(description(), true);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what, out().string() + " is a merged run, which is not gone on with");
  EXPECT_EQ(error.next_step, "measure the shard again and merge");
}

TEST_F(ARunDirectory, ResumedAnewIsMade) {
  EXPECT_EQ(refusal(description(), true).what, "accepted");
  EXPECT_TRUE(fs::exists(out() / "run.json"));
}

TEST_F(ARunDirectory, IsOneRunsAtATime) {
  {
    const RunDirectory first = open_new();
    const Error error = refusal(description(), true);
    EXPECT_EQ(error.kind, ErrorKind::usage);
    EXPECT_EQ(error.what, out().string() + " is in use by another loopgate");
  }
  EXPECT_EQ(refusal(description(), true).what, "accepted");
}

TEST_F(ARunDirectory, WithoutARunIsNotResumed) {
  folder_.write("runs/today/notes.txt", "mine");
  const Error error = refusal(description(), true);
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_EQ(error.what, out().string() + " holds no run to resume (no run.json)");
}

TEST_F(ARunDirectory, OfAnEarlierFormatIsNotResumedAndNamesTheVersion) {
  open_new();
  folder_.write("runs/today/run.json", R"({"format": 1, "loopgate": "0.1.0", "seed": 1})");
  const Error error = refusal(description(), true);
  EXPECT_EQ(error.kind, ErrorKind::data);
  EXPECT_THAT(error.what, HasSubstr("format is 1: loopgate 0.1.0 wrote it, and this version reads format 3"));
}

TEST_F(ARunDirectory, WhoseDescriptionIsDamagedIsNotResumed) {
  open_new();
  const std::string whole = text_of_file(out() / "run.json");
  for (const std::string& text :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"), std::string("3")}) {
    folder_.write("runs/today/run.json", text);
    const Error error = refusal(description(), true);
    EXPECT_EQ(error.kind, ErrorKind::data);
    EXPECT_EQ(error.what, (out() / "run.json").string() + ": is no JSON object: it was cut off or altered");
  }
}

TEST_F(ARunDirectory, KnowsWhichCellsAreFinished) {
  const RunDirectory directory = open_new();
  const Cell& cell = plan_.cells[0];
  EXPECT_FALSE(directory.is_finished(cell));
  const Outcome outcome = measure(directory, cell);
  EXPECT_FALSE(directory.is_finished(cell)) << "without an outcome";
  ASSERT_TRUE(directory.finish(cell, outcome));
  EXPECT_TRUE(directory.is_finished(cell));
  EXPECT_FALSE(directory.is_finished(cell, true)) << "it was measured once";
  EXPECT_FALSE(directory.is_finished(plan_.cells[1])) << "another cell";
  EXPECT_THAT(directory.take_kept(), ElementsAre(Key(cell.name))) << "it need not be read again";
}

TEST_F(ARunDirectory, MeasuresACellAgainWhoseSamplesAreAlteredOrGone) {
  const RunDirectory directory = open_new();
  const Cell& cell = plan_.cells[0];
  const fs::path folder = directory.folder_of(cell);
  ASSERT_TRUE(directory.finish(cell, measure(directory, cell)));
  const std::string whole = text_of_file(folder / "samples.lgs");
  std::string altered = whole;
  altered[100] = static_cast<char>(altered[100] ^ 1);
  folder_.write(folder / "samples.lgs", altered);
  EXPECT_FALSE(directory.is_finished(cell)) << "altered samples";
  ASSERT_EQ(directory.begun_again().size(), 1U) << "of the others nothing is there";
  EXPECT_EQ(directory.begun_again()[0].cell, cell.name);
  EXPECT_THAT(directory.begun_again()[0].reason, HasSubstr("samples.lgs"));
  fs::remove(folder / "samples.lgs");
  EXPECT_FALSE(directory.is_finished(cell)) << "no samples";
  folder_.write(folder / "samples.lgs", whole);
  EXPECT_TRUE(directory.is_finished(cell));
  EXPECT_TRUE(directory.begun_again().empty());
}

TEST_F(ARunDirectory, MeasuresACellAgainWhoseEvidenceIsAlteredOrGone) {
  const RunDirectory directory = open_new();
  const Cell& cell = plan_.cells[0];
  const fs::path evidence = directory.folder_of(cell) / "evidence.json";
  ASSERT_TRUE(directory.finish(cell, measure(directory, cell)));
  const std::string whole = text_of_file(evidence);
  folder_.write(evidence, whole + " ");
  EXPECT_FALSE(directory.is_finished(cell)) << "altered evidence";
  fs::remove(evidence);
  EXPECT_FALSE(directory.is_finished(cell)) << "no evidence";
  folder_.write(evidence, whole);
  EXPECT_TRUE(directory.is_finished(cell));
}

TEST_F(ARunDirectory, KeepsTheFiguresOfEveryCellThatFits) {
  const RunDirectory directory = open_new();
  CellFigures figures;
  figures.samples_sha256 = "one";
  directory.keep(plan_.cells[0], figures);
  figures.samples_sha256 = "two";
  directory.keep(plan_.cells[0], figures);
  KnownFigures kept = directory.take_kept();
  ASSERT_EQ(kept.size(), 1U);
  EXPECT_EQ(kept[plan_.cells[0].name].samples_sha256, "two");
  EXPECT_TRUE(directory.take_kept().empty());
}

TEST_F(ARunDirectory, RunsTheBenchsFaultsAgainAndNotTheKernels) {
  const RunDirectory directory = open_new();
  const Cell& cell = plan_.cells[0];
  ASSERT_TRUE(make_directories(directory.folder_of(cell)));
  Outcome outcome = unjudged_outcome(plan_, cell);
  outcome.kind = OutcomeKind::kernel_failed;
  outcome.reason = "the kernel hung";
  ASSERT_TRUE(directory.finish(cell, outcome));
  EXPECT_TRUE(directory.is_finished(cell));
  ASSERT_TRUE(amend_outcome(directory.folder_of(cell), "test", "the bench was broken", ""));
  EXPECT_FALSE(directory.is_finished(cell)) << "the bench may have caused it";
  fs::remove_all(directory.folder_of(cell));
  ASSERT_TRUE(make_directories(directory.folder_of(cell)));
  ASSERT_TRUE(directory.finish(cell, unjudged_outcome(plan_, cell)));
  EXPECT_FALSE(directory.is_finished(cell));
}

TEST_F(ARunDirectory, TakesADamagedOutcomeForNone) {
  const RunDirectory directory = open_new();
  for (const char* text : {"", "{\"outcome\":\"meas", "[]", "{}", R"({"outcome":3})",
                           R"({"format":1,"outcome":"kernel_failed","samples_sha256":null})"}) {
    folder_.write("runs/today/cells/generic.storm/outcome.json", text);
    EXPECT_FALSE(directory.is_finished(plan_.cells[0])) << text;
  }
}

}  // namespace
}  // namespace loopgate::run_directory_test
