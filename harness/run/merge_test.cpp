#include "run/merge.h"

#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>

#include "base/testing/temp_folder.h"
#include "run/measure_plan.h"
#include "run/shard.h"
#include "run/testing/fake_machine.h"
#include "stats/stats_run.h"

namespace loopgate::merge_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

void replace_in(const fs::path& file, const std::string& old, const std::string& with) {
  std::string text = text_of_file(file);
  for (std::size_t at = text.find(old); at != std::string::npos; at = text.find(old, at + with.size()))
    text.replace(at, old.size(), with);
  std::ofstream(file, std::ios::trunc) << text;
}

// Latencies follow from the cell, as they do in a machine that repeats.
Result<MachineRun> repeatable(const CellRequest& request) {
  std::int64_t sum = 0;
  for (const char letter : request.cell) sum += letter;
  return measured(request, {5'000 + sum, 0, 0});
}

class Merge : public ::testing::Test {
 protected:
  // A run of the plan, or of a shard of it ("2/3"), into a folder.
  std::string measure(const std::string& shard, const std::string& name, bool resume = false) {
    Session session{plan_, {}, {}, {}};
    session.kernels.resize(2);
    session.kernels[0].image_sha256 = image_;
    if (!shard.empty()) session.plan.shard = shard_of(plan_, shard).value();
    session.make_machine = [this](const Plan&, const Notify&) {
      return std::make_unique<FakeMachine>([this](const CellRequest& request) {
        began_.push_back(request.cell);
        return act_(request);
      });
    };
    const MeasureRequest request{folder_.path() / name, resume, {}, {"0", ""}, {}};
    std::FILE* stream = std::tmpfile();
    const auto run = [&] {
      Progress progress(stream, false, plan_.cells.size(), 10);
      return measure_plan(&session, request, {}, &progress);
    }();
    std::fclose(stream);
    return run ? "" : run.error().what;
  }
  void measure_three() {
    for (const char* index : {"1", "2", "3"}) EXPECT_EQ(measure(index + std::string("/3"), index), "");
  }
  std::vector<fs::path> folders(const std::vector<std::string>& names) const {
    std::vector<fs::path> paths;
    paths.reserve(names.size());
    for (const std::string& name : names) paths.push_back(folder_.path() / name);
    return paths;
  }
  Result<MergedRun> merge(const std::vector<std::string>& names = {"1", "2", "3"}) const {
    return merge_run(folders(names), out());
  }
  // Nothing is left of a merge that came to none.
  Error refusal(const std::vector<std::string>& names) const {
    const auto merged = merge(names);
    if (merged) return {ErrorKind::infrastructure, "accepted", ""};
    EXPECT_FALSE(fs::exists(out()));
    for (const auto& entry : fs::directory_iterator(folder_.path()))
      EXPECT_THAT(entry.path().filename().string(), ::testing::Not(StartsWith("loopgate-")));
    return merged.error();
  }
  fs::path out() const { return folder_.path() / "whole" / "run"; }
  std::string text_in(const std::string& file) const { return text_of_file(folder_.path() / file); }
  Shard shard(int index) const { return shards_of(plan_, 3).value()[static_cast<std::size_t>(index) - 1]; }
  std::string cell_of(int index) const { return shard(index).cells.front(); }
  fs::path file_of(int index, const std::string& name) const {
    return folder_.path() / std::to_string(index) / "cells" / cell_of(index) / name;
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan(4);
  std::string image_ = "image";
  std::function<Result<MachineRun>(const CellRequest&)> act_ = repeatable;
  std::vector<std::string> began_;
};

TEST_F(Merge, EqualsTheUnshardedRunToTheByte) {
  ASSERT_EQ(measure("", "alone"), "");
  ASSERT_TRUE(compute_run_statistics(folder_.path() / "alone"));
  measure_three();
  const auto merged = merge({"3", "1", "2"});
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_EQ(merged->shards, 3U);
  EXPECT_EQ(merged->cells, 8U);
  EXPECT_EQ(merged->compared, 2U);
  EXPECT_TRUE(merged->all_measured && !merged->kernel_failed);
  EXPECT_THAT(merged->unequal, IsEmpty());
  for (const char* file : {"comparison.json", "distribution.json"})
    EXPECT_EQ(text_in(std::string("whole/run/") + file), text_in(std::string("alone/") + file)) << file;
  for (const Cell& cell : plan_.cells)
    for (const char* file : {"samples.lgs", "summary.json"}) {
      const std::string path = "cells/" + cell.name + "/" + file;
      EXPECT_NE(text_in("alone/" + path), "") << path;
      EXPECT_EQ(text_in("whole/run/" + path), text_in("alone/" + path)) << path;
    }
  const RunRecord alone = read_run_record(folder_.path() / "alone").value();
  EXPECT_EQ(first_difference(read_run_record(out()).value(), alone), "") << "but for its circumstances";
}

TEST_F(Merge, KeepsWhereAndWhenEachCellWasMeasured) {
  measure_three();
  const std::string day = read_run_record(folder_.path() / "2")->circumstances.started;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "2"))
    if (entry.path().extension() == ".json") replace_in(entry.path(), day, "2026-02-03T04:05:06Z");
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_TRUE(merged->all_measured);
  const RunRecord run = read_run_record(out()).value();
  ASSERT_EQ(run.circumstances.shards.size(), 3U);
  EXPECT_EQ(run.circumstances.shards[1].started, "2026-02-03T04:05:06Z");
  EXPECT_EQ(run.circumstances.started, read_run_record(folder_.path() / "1")->circumstances.started);
  const std::string outcome = "/cells/" + run.circumstances.shards[1].cells.front() + "/outcome.json";
  EXPECT_EQ(text_in("whole/run" + outcome), text_in("2" + outcome)) << "what is finished is not patched";
  // And a cell of one shard is not taken for another's.
  replace_in(out() / "run.json", "2026-02-03T04:05:06Z", day);
  EXPECT_FALSE(run_statistics(out())->groups.front().invalid.empty());
}

TEST_F(Merge, APartHasNoFigures) {
  measure_three();
  const auto part = run_statistics(folder_.path() / "2");
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().kind, ErrorKind::usage);
  EXPECT_EQ(part.error().what, (folder_.path() / "2").string() + " is a part, shard 2 of 3: merge first");
  EXPECT_FALSE(fs::exists(folder_.path() / "2" / "comparison.json"));
}

TEST_F(Merge, SaysWhatIsMissing) {
  measure_three();
  Error error = refusal({"1", "3"});
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, AllOf(StartsWith("of 3 shards 2 is missing, and with it "), HasSubstr(" cells: ")));
  EXPECT_EQ(error.next_step, "measure what is missing: --shard 2/3");
  error = refusal({"2"});
  EXPECT_THAT(error.what, StartsWith("of 3 shards 1, 3 are missing, and with them "));
  EXPECT_EQ(error.next_step, "measure what is missing: --shard 1/3 and so on");
}

TEST_F(Merge, RefusesAShardThatIsThereTwice) {
  measure_three();
  fs::copy(folder_.path() / "2", folder_.path() / "2b", fs::copy_options::recursive);
  const Error error = refusal({"1", "2", "2b", "3"});
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, AllOf(StartsWith("shard 2 of 3 is given twice: in "), HasSubstr("/2b")));
  EXPECT_THAT(refusal({"1", "2", "2", "3"}).what, StartsWith("shard 2 of 3 is given twice"));
}

TEST_F(Merge, RefusesWhatIsOfAnotherRun) {
  measure_three();
  const auto refused_with = [&](const std::string& shard, const std::string& name) {
    EXPECT_EQ(measure(shard, name), "");
    const Error error = refusal({"1", name, "3"});
    EXPECT_EQ(error.kind, ErrorKind::usage);
    return error.what;
  };
  image_ = "another";
  EXPECT_THAT(
      refused_with("2/3", "kernel"),
      HasSubstr(" are of two runs: kernels[0].image_sha256 is image in one and another in the other"));
  image_ = "image";
  const Plan plan = plan_;
  plan_.seed = 2;
  EXPECT_THAT(refused_with("2/3", "seed"), HasSubstr("seed is 1 in one and 2 in the other"));
  plan_ = plan;
  plan_.samples = 8;
  EXPECT_THAT(refused_with("2/3", "samples"), HasSubstr("samples is 7 in one and 8 in the other"));
  plan_ = plan;
  plan_.cells.pop_back();
  EXPECT_THAT(refused_with("2/3", "plan"), HasSubstr("cells[7] is another in one and missing in the other"));
  plan_ = plan;
  EXPECT_THAT(refused_with("2/4", "division"), HasSubstr(" are of two divisions"));
  EXPECT_THAT(refused_with("", "whole"), HasSubstr(" is no part: it was measured without --shard"));
  fs::copy(folder_.path() / "2", folder_.path() / "tool", fs::copy_options::recursive);
  replace_in(folder_.path() / "tool" / "run.json", R"("loopgate": "0")", R"("loopgate": "1")");
  EXPECT_THAT(refusal({"1", "tool", "3"}).what, HasSubstr("loopgate is 0 in one and 1 in the other"));
  EXPECT_THAT(refusal({"1", "none", "3"}).what, HasSubstr("is no run: it has no run.json"));
}

TEST_F(Merge, RefusesShardsThatOverlapUnsaid) {
  measure_three();
  const fs::path file = folder_.path() / "2" / "run.json";
  auto run = nlohmann::ordered_json::parse(text_of_file(file));
  run["shard"]["cells"].push_back(cell_of(3));
  std::ofstream(file, std::ios::trunc) << run.dump(2);
  const Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::data);
  EXPECT_THAT(error.what, HasSubstr("cell " + cell_of(3) + " is measured by "));
}

TEST_F(Merge, RefusesWhatIsNotFinished) {
  measure_three();
  fs::remove(file_of(2, "outcome.json"));
  fs::remove(file_of(3, "outcome.json"));
  const Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, AllOf(StartsWith("shard 2 of 3 ("), HasSubstr(" lacks 1 of its "),
                                HasSubstr(": " + cell_of(2) + "; shard 3 of 3 (")));
  EXPECT_THAT(error.next_step, HasSubstr("--resume"));
  // Which measures what is missing, and no more.
  began_.clear();
  EXPECT_EQ(measure("2/3", "2", true), "");
  EXPECT_EQ(measure("3/3", "3", true), "");
  EXPECT_THAT(began_, ElementsAre(cell_of(2), cell_of(3)));
  EXPECT_TRUE(merge());
}

TEST_F(Merge, AShardIsResumedAsItselfAlone) {
  measure_three();
  EXPECT_THAT(measure("3/3", "2", true), HasSubstr("holds another run: its shard differs"));
  EXPECT_THAT(measure("", "2", true), HasSubstr("holds another run: its shard differs"));
}

TEST_F(Merge, RefusesDamagedCells) {
  measure_three();
  const auto refused_after = [&](const char* name, const std::function<void(const fs::path&)>& damage) {
    const fs::path file = file_of(2, name);
    const std::string whole = text_of_file(file);
    damage(file);
    const Error error = refusal({"1", "2", "3"});
    EXPECT_EQ(error.kind, ErrorKind::data) << name;
    EXPECT_THAT(error.what, StartsWith(file.string() + ": ")) << name;
    std::ofstream(file, std::ios::trunc) << whole;
    return error.what;
  };
  const auto cut = [](const fs::path& file) { fs::resize_file(file, fs::file_size(file) / 2); };
  const auto remove = [](const fs::path& file) { fs::remove(file); };
  EXPECT_THAT(refused_after("samples.lgs", cut), HasSubstr("was altered"));
  EXPECT_THAT(refused_after("samples.lgs", remove), HasSubstr("is gone"));
  EXPECT_THAT(refused_after("evidence.json", cut), HasSubstr("was altered"));
  refused_after("outcome.json", cut);
  refused_after("outcome.json", [](const fs::path& file) { replace_in(file, "image", "other"); });
  EXPECT_TRUE(merge()) << "and once it is whole again, it is merged";
}

TEST_F(Merge, RefusesWhatIsNoFile) {
  measure_three();
  fs::create_symlink("/etc/passwd", file_of(2, "link"));
  Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::data);
  EXPECT_EQ(error.what, file_of(2, "link").string() + ": is neither a file nor a folder");
  fs::remove(file_of(2, "link"));
  ASSERT_EQ(::mkfifo(file_of(2, "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal({"1", "2", "3"}).what, HasSubstr("/pipe: is neither"));
}

TEST_F(Merge, FindsMachinesThatDoNotRepeatEachOther) {
  EXPECT_EQ(measure("1/3", "1"), "");
  EXPECT_EQ(measure("3/3", "3"), "");
  act_ = [](const CellRequest& request) { return measured(request, {7'777, 0, 0}); };
  EXPECT_EQ(measure("2/3", "2"), "");
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_FALSE(merged->all_measured);
  EXPECT_EQ(merged->compared, 2U);
  // The first two share a cell, the first and the third another one.
  const std::string shared = shard(2).checked.front();
  EXPECT_THAT(merged->unequal,
              ElementsAre(AllOf(StartsWith("shard 1 of 3 ("), HasSubstr(" and shard 2 of 3 ("),
                                HasSubstr(" measured " + shared + ", and they gave unequal samples: "),
                                HasSubstr("response_ns is"))));
  EXPECT_TRUE(fs::exists(out() / "cells" / shared / "again" / "samples.lgs"));
  const RunRecord run = read_run_record(out()).value();
  for (const DescribedCell& cell : run.cells) {
    const auto outcome = read_outcome(out() / "cells" / cell.name, run, cell);
    const auto in = [&](int index) {
      const std::vector<std::string> cells = shard(index).cells;
      return std::ranges::find(cells, cell.name) != cells.end();
    };
    EXPECT_EQ(outcome->kind, in(1) || in(2) ? OutcomeKind::invalid : OutcomeKind::measured) << cell.name;
  }
}

TEST_F(Merge, OfTwoThatMeasuredACellOneThatCouldNotStands) {
  measure_three();
  const std::string shared = shard(2).checked.front();
  fs::remove_all(folder_.path() / "2" / "cells" / shared);
  act_ = [](const CellRequest&) -> Result<MachineRun> {
    return fail(ErrorKind::infrastructure, "QEMU was killed");
  };
  EXPECT_EQ(measure("2/3", "2", true), "");
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_FALSE(merged->all_measured);
  EXPECT_THAT(merged->unequal, IsEmpty());
  EXPECT_THAT(text_in("whole/run/cells/" + shared + "/outcome.json"), HasSubstr("QEMU was killed"));
  act_ = repeatable;
  EXPECT_EQ(measure("", "whole/run", true), "") << "which --resume measures again";
  EXPECT_TRUE(run_statistics(out())->groups.at(0).invalid.empty());
}

TEST_F(Merge, AKernelThatFailedInAShardFailsTheWhole) {
  act_ = [](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell == "generic.storm") return fail(ErrorKind::kernel, "the kernel hung");
    return repeatable(request);
  };
  measure_three();
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_TRUE(merged->kernel_failed);
  EXPECT_THAT(merged->unequal, IsEmpty()) << "where both machines saw it fail";
}

TEST_F(Merge, LeavesWhatIsThere) {
  measure_three();
  folder_.write("whole/run/mine", "x");
  const auto merged = merge();
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind, ErrorKind::usage);
  EXPECT_EQ(merged.error().what, out().string() + " exists");
  EXPECT_EQ(text_in("whole/run/mine"), "x");
}

}  // namespace
}  // namespace loopgate::merge_test
