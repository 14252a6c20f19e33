#include "record/run_record.h"

#include <gmock/gmock.h>

#include <limits>
#include <nlohmann/json.hpp>

#include "base/digest.h"

namespace loopgate::run_record_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

InputFile input(const std::string& name) {
  const std::string toml = "title = \"" + name + "\"\n";
  return {{name, sha256_of(toml)}, name, toml};
}

RunRecord whole_run() {
  RunRecord run;
  run.loopgate = "0.1.0";
  run.suite = input("irq-to-gpio");
  run.board = {input("qemu-virt-arm64"), false};
  run.seed = 18446744073709551615ULL;
  run.samples = 100;
  run.interval_ns = {600'000, 1'400'000};
  run.decisions = {2, 33};
  run.payload = {"/bin/responder"};
  run.payload_files = {{"model", "m.onnx", "abc"}};
  run.machine = QemuMachineRecord{"10.0.2", "qemu", 1, "instrument"};
  run.kernels = {KernelInput{input("generic")}};
  run.kernels[0].modules = {"gpio-pl061"};
  run.loads = {input("mixed")};
  run.target = {"base", "programs", {{"stress-ng", "0.19"}}};
  run.cells = {{"generic.mixed", "generic", "mixed", 1, 7, ""}};
  run.circumstances = {
      "2026-01-31T12:00:00Z",   "abc", 2, "Linux", 2, {{"kernels", {{"generic", "/k.toml"}}}},
      {{"generic", "/vmlinuz"}}};
  return run;
}

TEST(RunRecord, IsReadBackAsItWasWritten) {
  RunRecord run = whole_run();
  const auto same = [&](const char* what) {
    const auto read = parse_run_record(to_json(run), "run.json");
    ASSERT_TRUE(read) << what << ": " << read.error().what;
    EXPECT_EQ(to_json(*read), to_json(run)) << what;
  };
  same("virtual bench");
  EXPECT_EQ(to_json(run).find("contender"), std::string::npos) << "only where there is one";
  EXPECT_EQ(to_json(run).find("image_form"), std::string::npos) << "only where it was unpacked";
  EXPECT_EQ(to_json(run).find("built_from"), std::string::npos) << "only where it was built";
  run.kernels[0].built_from = {"tree", "config", {"clang-19: 19.1", "ld.lld-19: 19.1"}};
  same("from source");
  EXPECT_EQ(parse_run_record(to_json(run), "run.json")->kernels[0].built_from, run.kernels[0].built_from);
  run.kernels[0].image_form = "EFI zboot, zstd";
  same("unpacked");
  run.kernels[0].contender = {"go-off", {"/bin/responder_go", "--chip", "{chip}"}};
  same("with a contender");
  EXPECT_EQ(to_json(run).find("shard"), std::string::npos) << "only where there is one";
  run.shard = Shard{1, 1, {"generic.mixed"}, {"generic.mixed"}};
  same("a shard");
  EXPECT_EQ(parse_run_record(to_json(run), "run.json")->shard, run.shard);
  run.shard.reset();
  run.circumstances.shards = {{2, "2026-02-01T12:00:00Z", "", 1, "Linux", 2, {"generic.mixed"}}};
  same("merged");
  EXPECT_EQ(parse_run_record(to_json(run), "run.json")->started(run.cells[0]), "2026-02-01T12:00:00Z");
  run.circumstances.shards.clear();
  EXPECT_EQ(parse_run_record(to_json(run), "run.json")->kernels[0].contender, run.kernels[0].contender);
  BoardMachineRecord board;
  board.lines = {{"stimulus", 3}};
  board.measured_cpus = {2, 3};
  board.labgrid = {"nano-1", "192.0.2.1:20408"};
  run.machine = board;
  run.cells[0].boot = "generic.1";
  same("board");
  run.machine = CaptureMachineRecord{"sigrok", 42, "def"};
  run.suite = {{"capture", ""}, "", ""};
  run.target.reset();
  run.decisions.reset();
  same("capture");
}

TEST(RunRecord, LacksNoKey) {
  const json whole = json::parse(to_json(whole_run()));
  for (const auto& [key, value] : whole.items()) {
    json without = whole;
    without.erase(key);
    const auto read = parse_run_record(without.dump(), "run.json");
    ASSERT_FALSE(read) << key;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    EXPECT_EQ(read.error().what, "run.json: " + key + " is missing");
  }
}

TEST(RunRecord, HoldsTheTextOfItsInputsAndNoOther) {
  json run = json::parse(to_json(whole_run()));
  EXPECT_EQ(run["kernels"][0]["toml"], "title = \"generic\"\n");
  run["kernels"][0]["toml"] = "title = \"other\"\n";
  EXPECT_EQ(parse_run_record(run.dump(), "run.json").error().what,
            "run.json: kernels[0].toml was altered: its sha256 is not the one beside it");
}

TEST(RunRecord, OfAnEarlierFormatNamesTheVersionThatWroteIt) {
  const auto read = parse_run_record(R"({"format": 1, "loopgate": "0.1.0"})", "old/run.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what,
            "old/run.json: format is 1: loopgate 0.1.0 wrote it, and this version reads format 3");
  EXPECT_NE(read.error().next_step, "");
  EXPECT_THAT(parse_run_record(R"({"format": 4})", "run.json").error().what,
              HasSubstr("format is 4, and only 3 is known"));
}

TEST(RunRecord, IsTheSameRunWhateverTheCircumstances) {
  const RunRecord run = whole_run();
  RunRecord other = run;
  other.circumstances = {};
  EXPECT_EQ(first_difference(run, other), "");
  other.kernels[0].image_sha256 = "another";
  EXPECT_EQ(first_difference(run, other), "kernels");
  other = run;
  other.samples = 8;
  EXPECT_EQ(first_difference(run, other), "samples");
}

TEST(RunRecord, IsAnotherRunWithAKeyThatTheOtherLacks) {
  const RunRecord run = whole_run();
  RunRecord shard = run;
  shard.shard = Shard{1, 2, {"generic.mixed"}, {}};
  EXPECT_EQ(first_difference(run, shard), "shard");
  EXPECT_EQ(first_difference(shard, run), "shard");
  RunRecord probed = run;
  probed.probe = "ebpf";
  EXPECT_EQ(first_difference(run, probed), "probe");
  EXPECT_EQ(first_difference_text(run, probed), "probe is missing in one and ebpf in the other");
}

TEST(RunRecord, SaysWhereItDiffersFromAnother) {
  const RunRecord run = whole_run();
  EXPECT_EQ(first_difference_text(run, run), "");
  RunRecord other = run;
  std::get<QemuMachineRecord>(other.machine).version = "10.0.3";
  EXPECT_EQ(first_difference_text(run, other), "machine.qemu is 10.0.2 in one and 10.0.3 in the other");
  other = run;
  other.kernels[0] = KernelInput{input("generic")};
  EXPECT_EQ(first_difference_text(run, other),
            "kernels[generic].modules[0] is gpio-pl061 in one and missing in the other");
  other = run;
  other.loads.push_back(input("idle"));
  EXPECT_EQ(first_difference_text(run, other), "loads[1] is missing in one and idle in the other");
}

// Who takes a replicate out, or a kernel with no cells in, has another plan than the run's.
TEST(RunRecord, ItsCellsAreKernelsTimesLoadsTimesRepetitions) {
  RunRecord run = whole_run();
  run.loads.push_back(input("idle"));
  run.repeat = 2;
  run.cells.clear();
  for (const std::int64_t repetition : {1, 2})
    for (const char* load : {"mixed", "idle"})
      run.cells.push_back({load + std::to_string(repetition), "generic", load, repetition, 7, ""});
  const RunRecord whole = run;
  const auto complaint = [&] {
    const auto read = parse_run_record(to_json(run), "run.json");
    return read ? "accepted" : read.error().what;
  };
  EXPECT_EQ(complaint(), "accepted");
  const std::string plan = "which its kernels, loads and repetitions plan";
  run.cells.pop_back();
  EXPECT_EQ(complaint(), "run.json: cells lacks repetition 2 of generic under idle, " + plan);
  run.repeat = 1;
  EXPECT_THAT(complaint(), HasSubstr("cells has repetition 2 of generic under mixed, which its kernels"));
  run = whole;
  run.cells[3].load = "mixed";
  EXPECT_EQ(complaint(), "run.json: cells has repetition 2 of generic under mixed twice");
  run = whole;
  run.kernels.push_back(KernelInput{input("preempt-rt")});
  EXPECT_EQ(complaint(), "run.json: cells lacks repetition 1 of preempt-rt under mixed, " + plan);
  run = whole;
  run.repeat = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(complaint(), "run.json: cells lacks repetition 3 of generic under mixed, " + plan);
  run.repeat = 0;
  EXPECT_EQ(complaint(), "run.json: cells cannot be: repeat is 0");
}

// run --repetition 2
TEST(RunRecord, ItsCellsMayBeOfOneRepetitionWhereItSaysSo) {
  RunRecord run = whole_run();
  run.repeat = 3;
  run.repetition = 2;
  run.cells[0].repetition = 2;
  const auto read = parse_run_record(to_json(run), "run.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->repetition, 2);
  EXPECT_EQ(to_json(*read), to_json(run));
  const auto complaint = [&] { return parse_run_record(to_json(run), "run.json").error().what; };
  run.repetition = 0;
  EXPECT_THAT(complaint(), HasSubstr("cells lacks repetition 1 of generic under mixed"));
  run.repetition = 3;
  EXPECT_THAT(complaint(), HasSubstr("cells has repetition 2 of generic under mixed, which"));
  run.repetition = 4;
  EXPECT_EQ(complaint(), "run.json: cells cannot be: repetition is 4, and repeat 3");
}

TEST(RunRecord, ItsShardsAreOfItsCells) {
  RunRecord run = whole_run();
  const auto complaint = [&] { return parse_run_record(to_json(run), "run.json").error().what; };
  run.shard = Shard{9, 8, {"generic.mixed"}, {}};
  EXPECT_EQ(complaint(), "run.json: shard is shard 9 of 8");
  run.shard = Shard{1, std::numeric_limits<std::int64_t>::max(), {"generic.mixed"}, {}};
  EXPECT_EQ(complaint(), "run.json: shard is shard 1 of 9223372036854775807, and the plan has 1 cell");
  run.shard = Shard{1, 1, {}, {}};
  EXPECT_EQ(complaint(), "run.json: shard has no cells: nothing was to be measured");
  run.shard = Shard{1, 1, {"generic.idle"}, {}};
  EXPECT_EQ(complaint(), "run.json: shard has generic.idle, which is none of the plan's cells");
  run.shard = Shard{1, 1, {"generic.mixed"}, {"generic.idle"}};
  EXPECT_EQ(complaint(), "run.json: shard has generic.idle checked, which is none of its cells");
  run.shard = Shard{1, 1, {"generic.mixed", "generic.mixed"}, {}};
  EXPECT_EQ(complaint(), "run.json: shard has generic.mixed twice");
  run.shard = Shard{1, 1, {"generic.mixed"}, {"generic.mixed", "generic.mixed"}};
  EXPECT_EQ(complaint(), "run.json: shard has generic.mixed checked twice");
  run.shard.reset();
  for (const std::vector<std::string>& cells :
       {std::vector<std::string>{}, {"generic.mixed", "generic.mixed"}, {"generic.idle"}}) {
    run.circumstances.shards = {{1, "", "", 1, "", 2, cells}};
    EXPECT_EQ(complaint(), "run.json: circumstances has shards that don't have each of the run's cells once");
  }
}

TEST(RunRecord, SaysWhatItWasMadeWith) {
  RunRecord run = whole_run();
  EXPECT_EQ(run.icount_shift(), 1);
  EXPECT_EQ(provenance_of(run).qemu, "10.0.2");
  EXPECT_EQ(provenance_of(run).programs_sha256, "programs");
  EXPECT_EQ(provenance_of(run).payload_files->at(0).sha256, "abc");
  run.machine = CaptureMachineRecord{"sigrok", 42, "def"};
  EXPECT_EQ(run.icount_shift(), std::nullopt);
  EXPECT_FALSE(provenance_of(run).payload_files) << "nobody knows what ran there";
}

}  // namespace
}  // namespace loopgate::run_record_test
