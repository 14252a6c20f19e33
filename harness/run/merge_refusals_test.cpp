#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "run/merge.h"
#include "run/testing/merge_fixture.h"

namespace loopgate::merge_refusals_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class MergeRefusal : public MergeTest {};

TEST_F(MergeRefusal, SaysWhatIsMissing) {
  measure_three();
  Error error = refusal({"1", "3"});
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, AllOf(StartsWith("of 3 shards 2 is missing, and with it "), HasSubstr(" cells: ")));
  EXPECT_EQ(error.next_step, "measure what is missing: --shard 2/3");
  error = refusal({"2"});
  EXPECT_THAT(error.what, StartsWith("of 3 shards 1, 3 are missing, and with them "));
  EXPECT_EQ(error.next_step, "measure what is missing: --shard 1/3 and so on");
}

TEST_F(MergeRefusal, RefusesAShardThatIsThereTwice) {
  measure_three();
  fs::copy(folder_.path() / "2", folder_.path() / "2b", fs::copy_options::recursive);
  const Error error = refusal({"1", "2", "2b", "3"});
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, AllOf(StartsWith("shard 2 of 3 is given twice: in "), HasSubstr("/2b")));
  EXPECT_THAT(refusal({"1", "2", "2", "3"}).what, StartsWith("shard 2 of 3 is given twice"));
}

TEST_F(MergeRefusal, RefusesWhatIsOfAnotherRun) {
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
      HasSubstr(" are of two runs: kernels[generic].image_sha256 is image in one and another in the other"));
  image_ = "image";
  const Plan plan = plan_;
  plan_.seed = 2;
  EXPECT_THAT(refused_with("2/3", "seed"), HasSubstr("seed is 1 in one and 2 in the other"));
  plan_ = plan;
  plan_.samples = 8;
  EXPECT_THAT(refused_with("2/3", "samples"), HasSubstr("samples is 7 in one and 8 in the other"));
  plan_ = plan;
  plan_.cells.back().seed ^= 1U;
  EXPECT_THAT(refused_with("2/3", "plan"), HasSubstr("cells[7].seed is "));
  plan_ = plan;
  EXPECT_THAT(refused_with("2/4", "division"), HasSubstr(" are of two divisions"));
  EXPECT_THAT(refused_with("", "whole"), HasSubstr(" is no part: it was measured without --shard"));
  fs::copy(folder_.path() / "2", folder_.path() / "tool", fs::copy_options::recursive);
  replace_in(folder_.path() / "tool" / "run.json", R"("loopgate": "0")", R"("loopgate": "1")");
  EXPECT_THAT(refusal({"1", "tool", "3"}).what, HasSubstr("loopgate is 0 in one and 1 in the other"));
  EXPECT_THAT(refusal({"1", "none", "3"}).what, HasSubstr("is no run: it has no run.json"));
}

TEST_F(MergeRefusal, RefusesTwoKnownBuilds) {
  measure_three();
  commit_ = "abc";
  for (const char* index : {"2", "3"}) {
    fs::remove_all(folder_.path() / index);
    EXPECT_EQ(measure(index + std::string("/3"), index), "");
  }
  EXPECT_TRUE(merge()) << "what is not known is no other build";
  fs::remove_all(out());
  fs::remove_all(folder_.path() / "3");
  commit_ = "def";
  EXPECT_EQ(measure("3/3", "3"), "");
  const Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::usage);
  EXPECT_THAT(error.what, AllOf(StartsWith("shard 2 of 3 ("), HasSubstr(" and shard 3 of 3 ("),
                                HasSubstr(" are of two builds: commit abc in one and def in the other")));
  EXPECT_EQ(error.next_step, "measure the shards of one of them again, with the other's build");
}

TEST_F(MergeRefusal, RefusesShardsThatOverlapUnsaid) {
  measure_three();
  const fs::path file = folder_.path() / "2" / "run.json";
  auto run = nlohmann::ordered_json::parse(text_of_file(file));
  run["shard"]["cells"].push_back(cell_of(3));
  std::ofstream(file, std::ios::trunc) << run.dump(2);
  const Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::data);
  EXPECT_THAT(error.what, HasSubstr("cell " + cell_of(3) + " is measured by "));
}

TEST_F(MergeRefusal, RefusesAShardThatSaysACellTwice) {
  measure_three();
  const fs::path file = folder_.path() / "2" / "run.json";
  auto run = nlohmann::ordered_json::parse(text_of_file(file));
  const std::string cell = run["shard"]["cells"][0];
  run["shard"]["cells"].push_back(cell);
  std::ofstream(file, std::ios::trunc) << run.dump(2);
  const Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::data);
  EXPECT_EQ(error.what, file.string() + ": shard has " + cell + " twice");
}

TEST_F(MergeRefusal, RefusesWhatIsNotFinished) {
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

TEST_F(MergeRefusal, RefusesDamagedCells) {
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

// Its digests are compared, and its samples are in no merged run.
TEST_F(MergeRefusal, RefusesDamageToTheFilesThatAreNotCopied) {
  measure_three();
  const std::string cell = shard(1).checked.front();
  int holders = 0;
  for (int index = 1; index <= 3; ++index) {
    const fs::path file = folder_.path() / std::to_string(index) / "cells" / cell / "samples.lgs";
    if (!fs::exists(file)) continue;
    ++holders;
    const std::string whole = text_of_file(file);
    std::string altered = whole;
    altered.back() = static_cast<char>(altered.back() ^ 1);
    std::ofstream(file, std::ios::trunc) << altered;
    Error error = refusal({"1", "2", "3"});
    EXPECT_EQ(error.kind, ErrorKind::data);
    EXPECT_THAT(error.what, StartsWith(file.string() + ": was altered"));
    fs::remove(file);
    EXPECT_EQ(refusal({"1", "2", "3"}).what, file.string() + ": is gone, and outcome.json has its digest");
    std::ofstream(file, std::ios::trunc) << whole;
  }
  EXPECT_EQ(holders, 2);
  EXPECT_TRUE(merge());
}

TEST_F(MergeRefusal, RefusesWhatIsNoFile) {
  measure_three();
  fs::create_symlink("/etc/passwd", file_of(2, "link"));
  Error error = refusal({"1", "2", "3"});
  EXPECT_EQ(error.kind, ErrorKind::data);
  EXPECT_EQ(error.what, file_of(2, "link").string() + ": is neither a file nor a folder");
  fs::remove(file_of(2, "link"));
  ASSERT_EQ(::mkfifo(file_of(2, "pipe").c_str(), 0600), 0);
  EXPECT_THAT(refusal({"1", "2", "3"}).what, HasSubstr("/pipe: is neither"));
}

}  // namespace
}  // namespace loopgate::merge_refusals_test
