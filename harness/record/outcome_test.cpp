#include "record/outcome.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "record/amendments.h"
#include "record/run_record.h"
#include "record/testing/recorded_run.h"

namespace loopgate::outcome_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using testing::read_text;
using testing::ScratchFolder;
using testing::write_text;

Outcome measured() {
  Outcome outcome;
  outcome.cell = "preempt-rt.storm.2";
  outcome.suite = "irq-to-gpio";
  outcome.board = "qemu-virt-arm64";
  outcome.kernel = "preempt-rt";
  outcome.load = "storm";
  outcome.repetition = 2;
  outcome.kind = OutcomeKind::measured;
  outcome.artifacts = {{"samples.lgs", "abc"}};
  outcome.records = 10;
  outcome.self_check_passed = true;
  outcome.self_checks = {{1, 1}};
  outcome.spurious_responses = 3;
  outcome.boot_s = 0.5;
  outcome.to_first_stimulus_s = 1.5;
  outcome.total_s = 20.5;
  return outcome;
}

RunRecord run() {
  RunRecord run;
  run.suite.name = "irq-to-gpio";
  run.board.name = "qemu-virt-arm64";
  run.kernels = {KernelInput{{{"preempt-rt", "kernel-1"}, "", ""}}};
  run.kernels[0].image_sha256 = "image-1";
  run.loads = {InputFile{{"storm", "load-1"}, "", ""}};
  run.target = TargetRecord{"base-1", "programs-1", {}};
  run.circumstances.started = "2026-01-31T12:00:00Z";
  return run;
}

DescribedCell cell() { return {"preempt-rt.storm.2", "preempt-rt", "storm", 2, 5, ""}; }

Outcome kernel_failed() {
  Outcome outcome = measured();
  outcome.kind = OutcomeKind::kernel_failed;
  outcome.artifacts.clear();
  outcome.reason = "the kernel hung";
  return outcome;
}

TEST(Outcome, IsWrittenAsTheFormatSays) {
  EXPECT_EQ(json::parse(to_json(measured())), json::parse(R"({
    "format": 3, "cell": "preempt-rt.storm.2", "suite": "irq-to-gpio", "board": "qemu-virt-arm64",
    "kernel": "preempt-rt", "load": "storm", "repetition": 2, "time_base": "virtual",
    "measured_from": {"image_sha256": "", "initrd_sha256": "", "kernel_sha256": "", "kernel_arguments": "",
      "suite_sha256": "", "load_sha256": "", "board_sha256": "", "base_sha256": "", "programs_sha256": "",
      "payload_sha256": "", "instrument_sha256": "", "machine_sha256": "", "schedule_sha256": "", "seed": "",
      "loopgate": "", "started": ""},
    "outcome": "measured", "reason": "", "next_step": "", "artifacts": {"samples.lgs": {"sha256": "abc"}},
    "records": 10, "self_check": {"passed": true, "checks": [{"known_ns": 1, "measured_ns": 1}]},
    "verified_determinism": false, "spurious_responses": 3,
    "host_seconds": {"boot": 0.5, "to_first_stimulus": 1.5, "total": 20.5}})"));
}

TEST(Outcome, IsReadBackAsItWasWritten) {
  Outcome outcome = measured();
  outcome.artifacts["frames.lgf"] = "def";
  outcome.jumper_overhead_ns = 1500;
  outcome.verified_determinism = true;
  outcome.time_base = TimeBase::wall_clock;
  outcome.next_step = "nothing";
  outcome.discarded_state = "before the first stimulus, the kernel hung";
  outcome.unconfirmed_arguments = {{"panic=1", "the kernel knows it"}};
  outcome.work = PayloadWork{3, {{"loop", 7}}, {{"capture", 8}}, true};
  const auto read = parse_outcome(to_json(outcome), "outcome.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), to_json(outcome));
  EXPECT_EQ(read->sha256_of(frames_artifact), "def");
  EXPECT_EQ(read->discarded_state, outcome.discarded_state);
  EXPECT_EQ(read->unconfirmed_arguments, outcome.unconfirmed_arguments);
  EXPECT_EQ(read->work, outcome.work);
  EXPECT_EQ(read->sha256_of(stamps_artifact), "");
}

TEST(Outcome, IsInvalidUnlessSaidOtherwise) {
  const json document = json::parse(to_json(Outcome()));
  EXPECT_EQ(document["outcome"], "invalid");
  EXPECT_EQ(document["artifacts"], json::object());
  EXPECT_EQ(document["self_check"]["passed"], false);
  EXPECT_EQ(document["self_check"]["checks"], json::array());
}

TEST(Outcome, NamesTheKernelsFaultApartFromTheBenchs) {
  EXPECT_STREQ(name_of(OutcomeKind::measured), "measured");
  EXPECT_STREQ(name_of(OutcomeKind::kernel_failed), "kernel_failed");
  EXPECT_STREQ(name_of(OutcomeKind::invalid), "invalid");
}

// A reason may hold what QEMU or a program printed, which is not always UTF-8.
TEST(Outcome, IsWrittenWhateverTheReasonHolds) {
  Outcome outcome;
  outcome.reason = "QEMU ended with status 1: \xff\xfe";
  EXPECT_TRUE(parse_outcome(to_json(outcome), "outcome.json"));
}

TEST(Outcome, LacksNoKey) {
  const json whole = json::parse(to_json(measured()));
  for (const auto& [key, value] : whole.items()) {
    json without = whole;
    without.erase(key);
    const auto read = parse_outcome(without.dump(), "outcome.json");
    ASSERT_FALSE(read) << key;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    EXPECT_EQ(read.error().what, "outcome.json: " + key + " is missing");
  }
  const std::string text = whole.dump();
  for (std::size_t size = 0; size < text.size(); ++size)
    ASSERT_FALSE(parse_outcome(text.substr(0, size), "outcome.json")) << size;
}

TEST(Outcome, ThatContradictsItselfIsRefused) {
  const auto problem = [](const char* key, const json& value) {
    json document = json::parse(to_json(measured()));
    document[key] = value;
    const auto read = parse_outcome(document.dump(), "outcome.json");
    return read ? "accepted" : read.error().what;
  };
  EXPECT_EQ(problem("outcome", "fine"), "outcome.json: outcome must be measured, kernel_failed or invalid");
  EXPECT_THAT(problem("artifacts", json::object()), HasSubstr("samples.lgs is missing"));
  EXPECT_THAT(problem("artifacts", {{"notes.txt", {{"sha256", "x"}}}}),
              HasSubstr("is no artifact of a cell"));
  EXPECT_THAT(problem("artifacts", {{"samples.lgs", "x"}}), HasSubstr("samples.lgs must be an object"));
}

TEST(Outcome, OfAnEarlierVersionIsRefusedInOneSentence) {
  const auto read = parse_outcome(R"({"format": 1, "outcome": "measured"})", "outcome.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what,
            "outcome.json: format is 1: an earlier loopgate wrote it, and this version reads format 3");
  EXPECT_EQ(read.error().next_step, "measure again, or read it with that version");
}

TEST(Outcome, IsWrittenOnce) {
  const ScratchFolder folder;
  EXPECT_FALSE(has_outcome(folder.path()));
  ASSERT_TRUE(write_outcome(folder.path(), measured(), run(), cell()));
  EXPECT_TRUE(has_outcome(folder.path()));
  const std::string before = read_text(folder.path() / "outcome.json");
  const auto again = write_outcome(folder.path(), kernel_failed(), run(), cell());
  ASSERT_FALSE(again);
  EXPECT_THAT(again.error().what, HasSubstr("outcome.json is there already"));
  EXPECT_EQ(read_text(folder.path() / "outcome.json"), before);
}

// Each input for itself: what differs is named with both values.
TEST(Outcome, OfAnotherRunOrCellIsRefused) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_outcome(folder.path(), measured(), run(), cell()));
  ASSERT_TRUE(read_outcome(folder.path(), run(), cell()));
  const auto misfit = [&](const auto& change) {
    RunRecord other = run();
    DescribedCell of_other = cell();
    change(&other, &of_other);
    const auto read = read_outcome(folder.path(), other, of_other);
    if (read) return std::string("accepted");
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    return read.error().what;
  };
  EXPECT_THAT(misfit([](auto* r, auto*) { r->kernels[0].image_sha256 = "image-2"; }),
              HasSubstr("its image_sha256 is image-1, and run.json has image-2"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->kernels[0].initrd_sha256 = "x"; }), HasSubstr("initrd_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->kernels[0].sha256 = "x"; }), HasSubstr("kernel_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->kernels[0].command_line = "x"; }),
              HasSubstr("kernel_arguments"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->suite.sha256 = "x"; }), HasSubstr("suite_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->loads[0].sha256 = "x"; }), HasSubstr("load_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->board.sha256 = "x"; }), HasSubstr("board_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->target->base_sha256 = "x"; }), HasSubstr("base_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->target->programs_sha256 = "x"; }), HasSubstr("programs_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->payload = {"x"}; }), HasSubstr("payload_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->machine = QemuMachineRecord{"", "", 0, "x"}; }),
              HasSubstr("instrument_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->machine = BoardMachineRecord(); }), HasSubstr("machine_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->samples = 3; }), HasSubstr("schedule_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->circumstances.started = "later"; }), HasSubstr("started"));
  EXPECT_THAT(misfit([](auto*, auto* c) { c->seed = 6; }), HasSubstr("its seed is 5, and run.json has 6"));
  EXPECT_THAT(misfit([](auto*, auto* c) { c->load = "idle"; }),
              HasSubstr("its load is storm, and run.json has idle"));
  EXPECT_EQ(misfit([](auto* r, auto*) { r->circumstances.images = {{"preempt-rt", "/elsewhere"}}; }),
            "accepted");
}

TEST(MeasuredFrom, EveryKeyOfTheScheduleIsAnInput) {
  const std::string whole = measured_from(run(), cell()).schedule_sha256;
  const auto changed = [&](const auto& change) {
    RunRecord other = run();
    change(&other);
    return measured_from(other, cell()).schedule_sha256 != whole;
  };
  EXPECT_TRUE(changed([](auto* r) { ++r->seed; }));
  EXPECT_TRUE(changed([](auto* r) { ++r->samples; }));
  EXPECT_TRUE(changed([](auto* r) { ++r->warm_up; }));
  EXPECT_TRUE(changed([](auto* r) { ++r->self_checks; }));
  EXPECT_TRUE(changed([](auto* r) { ++r->repeat; }));
  EXPECT_TRUE(changed([](auto* r) { ++r->deadline_ns; }));
  EXPECT_TRUE(changed([](auto* r) { ++r->response_timeout_ns; }));
  EXPECT_TRUE(changed([](auto* r) { r->interval_ns = {1, 2}; }));
  EXPECT_TRUE(changed([](auto* r) { r->back_to_back = !r->back_to_back; }));
  EXPECT_TRUE(changed([](auto* r) { r->decisions = {3, 33}; }));
  EXPECT_FALSE(changed([](auto* r) { r->cells.clear(); }));
  RunRecord other = run();
  other.payload_files.push_back({"model", "m.onnx", "x"});
  EXPECT_NE(measured_from(other, cell()).payload_sha256, measured_from(run(), cell()).payload_sha256);
}

TEST(MeasuredFrom, AContendersCommandIsAnInput) {
  const std::string alone = inputs_sha256(measured_from(run(), cell()));
  const auto inputs_of = [](const std::string& name, const std::string& program) {
    RunRecord record = run();
    record.kernels[0].contender = {name, {program}};
    return inputs_sha256(measured_from(record, cell()));
  };
  EXPECT_NE(inputs_of("go", "/bin/responder-go"), alone);
  EXPECT_NE(inputs_of("go", "/bin/responder-go"), inputs_of("cpp", "/bin/responder"));
  EXPECT_EQ(inputs_of("a", "/bin/responder"), inputs_of("b", "/bin/responder"));
}

TEST(Amendments, MakeAnOutcomeInvalidAndLeaveItsFileAlone) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_outcome(folder.path(), kernel_failed(), run(), cell()));
  const std::string before = read_text(folder.path() / "outcome.json");
  ASSERT_TRUE(amend_outcome(folder.path(), "health check", "the bench is broken: the kernel hung", "again"));
  EXPECT_EQ(read_text(folder.path() / "outcome.json"), before) << "a signature over it holds";
  const auto today = read_outcome(folder.path(), run(), cell());
  ASSERT_TRUE(today) << today.error().what;
  EXPECT_EQ(today->kind, OutcomeKind::invalid);
  EXPECT_EQ(today->reason, "the bench is broken: the kernel hung");
  EXPECT_EQ(today->next_step, "again");
}

TEST(Amendments, AreAppended) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_outcome(folder.path(), kernel_failed(), run(), cell()));
  ASSERT_TRUE(amend_outcome(folder.path(), "health check", "first", ""));
  const std::string first = read_text(folder.path() / "amendments.jsonl");
  ASSERT_TRUE(amend_outcome(folder.path(), "health check", "second", ""));
  EXPECT_THAT(read_text(folder.path() / "amendments.jsonl"), ::testing::StartsWith(first));
  EXPECT_EQ(read_outcome(folder.path(), run(), cell())->reason, "second");
}

TEST(Amendments, OfAnotherOutcomeAreRefused) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_outcome(folder.path(), kernel_failed(), run(), cell()));
  ASSERT_TRUE(amend_outcome(folder.path(), "health check", "first", ""));
  Outcome other = kernel_failed();
  other.total_s = 3;
  other.measured_from = measured_from(run(), cell());
  write_text(folder.path() / "outcome.json", to_json(other));
  const auto today = read_outcome(folder.path(), run(), cell());
  ASSERT_FALSE(today);
  EXPECT_EQ(today.error().kind, ErrorKind::data);
  EXPECT_THAT(today.error().what, HasSubstr("is about another outcome.json"));
}

TEST(Amendments, ThatAreDamagedAreRefusedByLine) {
  const std::string line = to_json(Amendment{"c", "abc", "health check", "broken", ""});
  EXPECT_EQ(parse_amendments("", "a.jsonl")->size(), 0U);
  EXPECT_EQ(parse_amendments(line + "\n" + line + "\n", "a.jsonl")->size(), 2U);
  EXPECT_EQ(parse_amendments(line + "\n" + line, "a.jsonl").error().what, "a.jsonl, line 2: was cut off");
  EXPECT_EQ(parse_amendments("{}\n", "a.jsonl").error().what, "a.jsonl, line 1: format is missing");
  json better = json::parse(line);
  better["outcome"] = "measured";
  EXPECT_EQ(parse_amendments(better.dump() + "\n", "a.jsonl").error().what,
            "a.jsonl, line 1: outcome must be invalid");
}

}  // namespace
}  // namespace loopgate::outcome_test
