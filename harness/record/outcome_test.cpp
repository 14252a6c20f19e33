#include "record/outcome.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "record/amendments.h"
#include "record/cell_files.h"
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
  outcome.artifacts = {{"evidence.json", "def"}, {"samples.lgs", "abc"}};
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
  run.samples = 7;
  run.self_checks = 1;
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
  json document = json::parse(to_json(measured()));
  document.erase("sha256");  // of the text before it
  EXPECT_EQ(document, json::parse(R"({
    "format": 4, "cell": "preempt-rt.storm.2", "suite": "irq-to-gpio", "board": "qemu-virt-arm64",
    "kernel": "preempt-rt", "load": "storm", "repetition": 2, "time_base": "virtual",
    "measured_from": {"image_sha256": "", "initrd_sha256": "", "kernel_sha256": "", "kernel_arguments": "",
      "suite_sha256": "", "load_sha256": "", "board_sha256": "", "base_sha256": "", "programs_sha256": "",
      "payload_sha256": "", "instrument_sha256": "", "machine_sha256": "", "schedule_sha256": "", "seed": "",
      "loopgate": "", "started": "", "plan_sha256": ""},
    "outcome": "measured", "reason": "", "next_step": "", "artifacts": {"evidence.json": {"sha256": "def"}, "samples.lgs": {"sha256": "abc"}},
    "records": 10, "self_check": {"passed": true, "checks": [{"known_ns": 1, "measured_ns": 1}]},
    "verified_determinism": false, "spurious_responses": 3,
    "host_seconds": {"boot": 0.5, "to_first_stimulus": 1.5, "total": 20.5}})"));
}

TEST(Outcome, IsReadBackAsItWasWritten) {
  Outcome outcome = measured();
  outcome.artifacts["frames.lgf"] = "def";
  outcome.jumper_overhead_ns = 1500;
  outcome.longest_turn_ns = 200;
  outcome.lost_edges = LostEdges{328, 325, 1, 200, 2};
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
  EXPECT_EQ(read->lost_edges, outcome.lost_edges);
  outcome.lost_edges->no_room = 4;
  EXPECT_FALSE(parse_outcome(to_json(outcome), "outcome.json")) << "more than were sent";
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

TEST(Outcome, BindsWhatPeopleLookAt) {
  const ScratchFolder folder;
  write_text(folder.path() / "console.log", "Kernel panic\n");
  write_text(folder.path() / "commands.txt", "qemu\n");
  write_text(folder.path() / "notes.txt", "of someone else\n");
  ASSERT_TRUE(write_outcome(folder.path(), kernel_failed(), run(), cell()));
  const auto read = read_outcome(folder.path(), run(), cell());
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->artifacts.size(), 2U);
  EXPECT_EQ(read->sha256_of(console_artifact), sha256_of("Kernel panic\n"));
  EXPECT_TRUE(check_shown_files(folder.path(), *read));
  write_text(folder.path() / "console.log", "all is well\n");
  EXPECT_THAT(check_shown_files(folder.path(), *read).error().what,
              HasSubstr("console.log: console.log was altered: its sha256 is not the one in outcome.json"));
  std::filesystem::remove(folder.path() / "console.log");
  EXPECT_THAT(check_shown_files(folder.path(), *read).error().what,
              HasSubstr("console.log: is gone, and outcome.json has its digest"));
  EXPECT_TRUE(check_shown_files(folder.path(), kernel_failed())) << "an earlier version bound none";
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

// Whatever is altered, and however: spaces, too.
TEST(Outcome, IsSealed) {
  const std::string text = to_json(measured());
  ASSERT_TRUE(parse_outcome(text, "outcome.json"));
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string altered = text;
    altered[i] = altered[i] == '1' ? '2' : '1';
    ASSERT_FALSE(parse_outcome(altered, "outcome.json")) << i;
  }
  EXPECT_EQ(parse_outcome(text + " ", "outcome.json").error().what,
            "outcome.json: was altered: its sha256 is not that of the text before it");
  EXPECT_FALSE(parse_outcome(json::parse(text).dump(), "outcome.json"));
  EXPECT_FALSE(parse_outcome(json::parse(text).dump(2), "outcome.json"));
}

// Sealed as the harness does it: by who edits with care.
TEST(Outcome, ThatNoRunWritesContradictsItself) {
  const auto problem = [](const auto& change, Outcome outcome = measured()) {
    const ScratchFolder folder;
    change(&outcome);
    EXPECT_TRUE(write_outcome(folder.path(), outcome, run(), cell()));
    const auto read = read_outcome(folder.path(), run(), cell());
    if (!read) EXPECT_EQ(read.error().kind, ErrorKind::data);
    return read ? "accepted" : read.error().what;
  };
  const std::string starts = "outcome.json: contradicts itself: it is ";
  EXPECT_EQ(problem([](auto*) {}), "accepted");
  EXPECT_THAT(problem([](auto* o) { o->reason = "the load did not run"; }),
              HasSubstr(starts + "measured, and has a reason why not: the load did not run"));
  EXPECT_THAT(problem([](auto* o) { o->next_step = "again"; }),
              HasSubstr(starts + "measured, and has a next step"));
  EXPECT_THAT(problem([](auto* o) { o->artifacts.erase("evidence.json"); }),
              HasSubstr(starts + "measured, and has no digest of evidence.json"));
  EXPECT_THAT(problem([](auto* o) { o->artifacts = {{"evidence.json", "1"}, {"programs.json", "2"}}; }),
              HasSubstr(starts + "measured, and has no digest of samples.lgs"));
  EXPECT_THAT(problem([](auto* o) { o->records = 0; }), HasSubstr(starts + "measured, and has no records"));
  EXPECT_THAT(problem([](auto* o) { o->self_check_passed = false; }), HasSubstr("self-check did not pass"));
  EXPECT_THAT(problem([](auto* o) { o->self_checks.clear(); }),
              HasSubstr(starts + "measured, and has 0 of 1 self-checks"));
  EXPECT_THAT(problem([](auto* o) { o->self_checks = {{17, 18}}; }),
              HasSubstr("measured 18 ns where 17 ns are known"));
  EXPECT_EQ(problem([](auto*) {}, kernel_failed()), "accepted");
  EXPECT_THAT(problem([](auto* o) { o->reason.clear(); }, kernel_failed()),
              HasSubstr(starts + "kernel_failed, and has no reason"));
  EXPECT_THAT(problem([](auto* o) { o->verified_determinism = true; }, kernel_failed()),
              HasSubstr(starts + "kernel_failed, and was measured twice"));
  const auto invalid = [](auto* o) { o->kind = OutcomeKind::invalid; };
  EXPECT_EQ(problem(invalid, kernel_failed()), "accepted");
  EXPECT_THAT(problem(invalid), HasSubstr(starts + "invalid, and has no reason"));
}

// Of shards that did not repeat each other `merge` keeps both; the amendments beside them say it.
TEST(Outcome, ASecondRunThatWasNotEqualIsNotForgotten) {
  const ScratchFolder folder;
  ASSERT_TRUE(write_outcome(folder.path(), measured(), run(), cell()));
  std::filesystem::create_directory(folder.path() / "again");
  const auto read = read_outcome(folder.path(), run(), cell());
  ASSERT_FALSE(read);
  EXPECT_THAT(read.error().what, HasSubstr("again: holds a second run that was not equal"));
  ASSERT_TRUE(amend_outcome(folder.path(), "merge", "they differ", ""));
  EXPECT_EQ(read_outcome(folder.path(), run(), cell())->kind, OutcomeKind::invalid);
}

TEST(Outcome, OfAnEarlierVersionIsRefusedInOneSentence) {
  const auto read = parse_outcome(R"({"format": 1, "outcome": "measured"})", "outcome.json");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().what,
            "outcome.json: format is 1: an earlier loopgate wrote it, and this version reads format 4");
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
  EXPECT_THAT(misfit([](auto* r, auto*) { r->samples = 8; }), HasSubstr("schedule_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->cells.push_back({"a.b", "a", "b", 1, 5, ""}); }),
              HasSubstr("plan_sha256"));
  EXPECT_THAT(misfit([](auto* r, auto*) { r->circumstances.started = "later"; }), HasSubstr("started"));
  EXPECT_THAT(misfit([](auto*, auto* c) { c->seed = 6; }), HasSubstr("its seed is 5, and run.json has 6"));
  EXPECT_THAT(misfit([](auto*, auto* c) { c->load = "idle"; }),
              HasSubstr("its load is storm, and run.json has idle"));
  EXPECT_EQ(misfit([](auto* r, auto*) { r->shard = Shard{1, 2, {"preempt-rt.storm.2"}, {}}; }), "accepted");
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

// Whatever stands in run.json, but for the circumstances, cannot be altered there alone.
TEST(MeasuredFrom, EveryKeyOfTheRunIsOfThePlan) {
  RunRecord whole = run();
  whole.cells = {cell()};
  whole.repeat = 2;
  whole.repetition = 2;
  whole.interval_ns = {1, 2};
  whole.probe = "ebpf";
  const json document = json::parse(to_json(whole));
  const auto plan_of = [](const json& text) {
    const auto read = parse_run_record(text.dump(), "run.json");
    return read ? measured_from(*read, read->cells.at(0)).plan_sha256 : read.error().what;
  };
  const std::string known = plan_of(document);
  ASSERT_EQ(known.size(), 64U) << known;
  const json flat = document.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    if (pointer.starts_with("/circumstances") || pointer == "/format") continue;
    json changed = flat;
    if (value.is_string()) changed[pointer] = value.get<std::string>() + "x";
    if (value.is_number()) changed[pointer] = value.get<std::int64_t>() + 1;
    if (value.is_boolean()) changed[pointer] = !value.get<bool>();
    if (value.is_null()) changed[pointer] = "x";
    EXPECT_NE(plan_of(changed.unflatten()), known) << pointer;
  }
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

TEST(Amendments, OnAFullDiskAreRefusedWithWhatHelps) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "this system has no /dev/full";
  const ScratchFolder folder;
  ASSERT_TRUE(write_outcome(folder.path(), kernel_failed(), run(), cell()));
  std::filesystem::create_symlink("/dev/full", folder.path() / "amendments.jsonl");
  const Status amended = amend_outcome(folder.path(), "health check", "broken", "");
  ASSERT_FALSE(amended);
  EXPECT_EQ(amended.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(amended.error().what,
              HasSubstr("amendments.jsonl: cannot be written: No space left on device"));
  EXPECT_THAT(amended.error().next_step, HasSubstr("free some space"));
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
