#include "config/suite.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "config/testing/refusal.h"
#include "protocol/picture_archive.h"

namespace loopgate::suite_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr const char* whole = R"(title = "A suite"
requires = ["irq-to-gpio"]
board = "qemu-virt-arm64"
kernels = ["generic", "preempt-rt"]
loads = ["mixed"]
[payload]
command = ["/bin/responder", "{chip}"]
ready_timeout_ms = 500
[schedule]
interval_us = [600, 1400]
warm_up = 0
samples = 10000
self_checks = 8
deadline_us = 0.5
response_timeout_ms = 1000
)";

std::string refusal(const std::string& text) { return refusal_of(read_suite, text); }

TEST(Suite, ReadsEveryKey) {
  const TempFolder folder;
  const auto suite = read_suite(folder.write("my-suite/suite.toml", whole));
  ASSERT_TRUE(suite) << suite.error().what;
  EXPECT_EQ(suite->name, "my-suite");
  EXPECT_EQ(suite->folder, folder.path() / "my-suite");
  EXPECT_THAT(suite->requirements, ElementsAre("irq-to-gpio"));
  EXPECT_EQ(suite->board, "qemu-virt-arm64");
  EXPECT_THAT(suite->kernels, ElementsAre("generic", "preempt-rt"));
  EXPECT_THAT(suite->loads, ElementsAre("mixed"));
  EXPECT_THAT(payload_of(suite->work).command, ElementsAre("/bin/responder", "{chip}"));
  EXPECT_EQ(payload_of(suite->work).ready_timeout_ms, 500);
  EXPECT_EQ(schedule_of(suite->work).interval_min_ns, 600'000);
  EXPECT_EQ(schedule_of(suite->work).interval_max_ns, 1'400'000);
  EXPECT_EQ(schedule_of(suite->work).deadline_ns, 500);
  EXPECT_EQ(schedule_of(suite->work).response_timeout_ns, 1'000'000'000);
  EXPECT_EQ(schedule_of(suite->work).samples, 10'000);
  EXPECT_EQ(schedule_of(suite->work).warm_up, 0);
  EXPECT_EQ(schedule_of(suite->work).self_checks, 8);
  EXPECT_EQ(suite->sha256, sha256_of(whole));
}

TEST(Suite, ReadsWhoMeasures) {
  const TempFolder folder;
  EXPECT_FALSE(std::get<ResponseWork>(read_suite(folder.write("a/suite.toml", whole))->work).loopback);
  const std::string measures = altered(whole, "[payload]", "instrument = \"loopback\"\n[payload]");
  const auto suite = read_suite(folder.write(
      "b/suite.toml",
      altered(measures, "ready_timeout_ms", "stamps = [\"--stamps\", \"{stamps}\"]\nready_timeout_ms")));
  ASSERT_TRUE(suite) << suite.error().what;
  EXPECT_TRUE(std::get<ResponseWork>(suite->work).loopback);
  EXPECT_THAT(payload_of(suite->work).stamps, ElementsAre("--stamps", "{stamps}"));
  EXPECT_THAT(refusal(altered(whole, "[payload]", "instrument = \"scope\"\n[payload]")),
              HasSubstr("instrument must be bench or loopback"));
  EXPECT_THAT(refusal(measures + "back_to_back = true\n"), HasSubstr("sends nothing back to back"));
  EXPECT_THAT(refusal(measures + "[decisions]\n"), HasSubstr("sees no decisions"));
}

// 1.001 is a little less in binary: 1.001 * 1000 is 1000.9999….
TEST(Suite, TimesAreRoundedToTheNanosecond) {
  const TempFolder folder;
  const auto suite = read_suite(
      folder.write("s/suite.toml", altered(altered(whole, "deadline_us = 0.5", "deadline_us = 1.001"),
                                           "response_timeout_ms = 1000", "response_timeout_ms = 1.001")));
  ASSERT_TRUE(suite);
  EXPECT_EQ(schedule_of(suite->work).deadline_ns, 1'001);
  EXPECT_EQ(schedule_of(suite->work).response_timeout_ns, 1'001'000);
}

TEST(Suite, IsNamedAfterItsFolderFromWithinToo) {
  const TempFolder folder;
  folder.write("my-suite/suite.toml", whole);
  const fs::path before = fs::current_path();
  fs::current_path(folder.path() / "my-suite");
  const auto suite = read_suite("suite.toml");
  fs::current_path(before);
  ASSERT_TRUE(suite);
  EXPECT_EQ(suite->name, "my-suite");
}

TEST(Suite, SaysWhatAnOldKeyIsCalledNow) {
  for (const auto& [was, now] :
       {std::pair{"ready_within_ms", "ready_timeout_ms"}, {"abandon_ms", "response_timeout_ms"}}) {
    EXPECT_THAT(refusal(altered(whole, std::string(now) + " = ", std::string(was) + " = ")),
                HasSubstr(std::string(was) + " is now called " + now));
  }
}

TEST(Suite, RefusesUnknownKeysAndTypes) {
  EXPECT_THAT(refusal("x = 1\n" + std::string(whole)), HasSubstr("file.toml:1: x is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "warm_up", "warmup")), HasSubstr("schedule."));
  EXPECT_THAT(refusal(std::string(whole) + "warmup = 3\n"),
              HasSubstr("file.toml:16: schedule.warmup is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "ready_timeout_ms", "ready_ms")),
              HasSubstr("payload.ready_ms is an unknown key"));
  EXPECT_THAT(refusal(altered(whole, "samples = 10000", "samples = 1e4")),
              HasSubstr("schedule.samples must be a whole number"));
  EXPECT_THAT(refusal(altered(whole, "loads = [\"mixed\"]", "loads = \"mixed\"")),
              HasSubstr("loads must be an array"));
  EXPECT_THAT(refusal(altered(whole, "deadline_us = 0.5", "deadline_us = \"1\"")),
              HasSubstr("schedule.deadline_us must be a number"));
}

TEST(Suite, RefusesWhatIsMissingOrEmpty) {
  EXPECT_THAT(refusal(""), HasSubstr("title is missing"));
  EXPECT_THAT(refusal(altered(whole, "self_checks = 8\n", "")), HasSubstr("schedule.self_checks is missing"));
  EXPECT_THAT(refusal(altered(whole, "deadline_us = 0.5\n", "")),
              HasSubstr("schedule.deadline_us is missing"));
  EXPECT_THAT(refusal(altered(whole, "[\"mixed\"]", "[]")), HasSubstr("loads is empty"));
  EXPECT_THAT(refusal(altered(whole, "[\"generic\", \"preempt-rt\"]", "[]")), HasSubstr("kernels is empty"));
  EXPECT_THAT(refusal(altered(whole, "[\"/bin/responder\", \"{chip}\"]", "[]")),
              HasSubstr("payload.command is empty"));
  const std::string text = whole;
  EXPECT_THAT(refusal(text.substr(0, text.find("[schedule]"))), HasSubstr("schedule is missing"));
}

TEST(Suite, RefusesASchedulesNumbersThatCannotBe) {
  for (const char* interval : {"[600]", "[1400, 600]", "[0, 1]", "[-1, 5]", "[1, 2, 3]", "[]"})
    EXPECT_THAT(refusal(altered(whole, "[600, 1400]", interval)),
                HasSubstr("schedule.interval_us must be [shortest, longest]"));
  for (const char* replicates : {"0", "-1", "1001"})
    EXPECT_THAT(refusal(altered(whole, "samples = 10000",
                                std::string("samples = 10000\nreplicates = ") + replicates)),
                HasSubstr("replicates must be from 1 to 1000"));
  EXPECT_THAT(refusal(altered(whole, "samples = 10000", "samples = 0")),
              HasSubstr("schedule.samples must be from 1"));
  EXPECT_THAT(refusal(altered(whole, "samples = 10000", "samples = 100000001")),
              HasSubstr("schedule.samples must be from 1 to 100000000"));
  EXPECT_THAT(refusal(altered(whole, "self_checks = 8", "self_checks = 0")),
              HasSubstr("schedule.self_checks must be from 1"));
  EXPECT_THAT(refusal(altered(whole, "warm_up = 0", "warm_up = -1")),
              HasSubstr("schedule.warm_up must be from 0"));
  for (const char* deadline : {"0", "-1", "inf", "1e10"})
    EXPECT_THAT(refusal(altered(whole, "deadline_us = 0.5", std::string("deadline_us = ") + deadline)),
                HasSubstr("schedule.deadline_us must be above 0"));
  EXPECT_THAT(refusal(altered(whole, "deadline_us = 0.5", "deadline_us = 1000000")),
              HasSubstr("schedule.response_timeout_ms must be longer than deadline_us"));
}

TEST(Suite, RefusesADeadlineThatIsNoNumber) {
  EXPECT_THAT(refusal(altered(whole, "deadline_us = 0.5", "deadline_us = nan")),
              HasSubstr("schedule.deadline_us"));
}

// In nanoseconds it would not fit 64 bits.
TEST(Suite, RefusesAnIntervalWithoutMeasure) {
  EXPECT_THAT(refusal(altered(whole, "[600, 1400]", "[600, 9223372036854775807]")),
              HasSubstr("schedule.interval_us"));
}

TEST(Suite, RefusesAReadyTimeThatCannotBe) {
  for (const char* time : {"0", "-5", "4294967297"})
    EXPECT_THAT(refusal(altered(whole, "ready_timeout_ms = 500", std::string("ready_timeout_ms = ") + time)),
                HasSubstr("payload.ready_timeout_ms"))
        << time;
}

// ---- Decisions and the payload's files ----

TEST(Suite, ReadsDecisions) {
  const TempFolder folder;
  const auto one = read_suite(folder.write("a/suite.toml", std::string(whole) + "[decisions]\n"));
  ASSERT_TRUE(one) << one.error().what;
  EXPECT_EQ(std::get<DecisionWork>(one->work).frames, 1);
  const auto three = read_suite(folder.write(
      "b/suite.toml", std::string(whole) + "[decisions]\nframes = 3\nframe_interval_us = 0.2\n"));
  ASSERT_TRUE(three) << three.error().what;
  EXPECT_EQ(std::get<DecisionWork>(three->work).frames, 3);
  EXPECT_EQ(std::get<DecisionWork>(three->work).frame_interval_ns, 200);
  EXPECT_TRUE(std::holds_alternative<ResponseWork>(read_suite(folder.write("c/suite.toml", whole))->work));
  EXPECT_THAT(refusal(std::string(whole) + "[decisions]\nframes = 0\n"),
              HasSubstr("decisions.frames must be"));
  EXPECT_THAT(refusal(std::string(whole) + "[decisions]\nframes = 2\n"), HasSubstr("frame_interval_us"));
  EXPECT_THAT(refusal(std::string(whole) + "[decisions]\nframes = 2\nframe_interval_us = 1\n"),
              HasSubstr("longer than the schedule's deadline"));
  const auto with_camera = [](const std::string& camera) {
    return altered(whole, "\"{chip}\"]", "\"{chip}\", \"--camera\", \"" + camera + "\"]") + "[decisions]\n";
  };
  EXPECT_TRUE(read_suite(folder.write("e/suite.toml", with_camera("synthetic"))));
  EXPECT_THAT(
      refusal(altered(whole, "\"{chip}\"]", "\"{chip}\", \"--camera=v4l2:/dev/video0\"]") + "[decisions]\n"),
      HasSubstr("decisions.pictures is missing: payload.command has --camera v4l2:/dev/video0"));
  EXPECT_THAT(refusal(with_camera("v4l2:/dev/video0")),
              HasSubstr("decisions.pictures is missing: payload.command has --camera v4l2:/dev/video0"));
  EXPECT_EQ(std::get<DecisionWork>(read_suite(folder.write("f/suite.toml", with_camera("v4l2:/dev/video0") +
                                                                               "unjudged = true\n"))
                                       ->work)
                .truth,
            "?");
  const auto closed_loop =
      read_suite(folder.write("d/suite.toml", std::string(whole) + "back_to_back = true\n"));
  EXPECT_TRUE(schedule_of(closed_loop->work).back_to_back);
  EXPECT_FALSE(schedule_of(closed_loop->work).falls);
  const auto falling = read_suite(folder.write("e/suite.toml", std::string(whole) + "edge = \"falling\"\n"));
  ASSERT_TRUE(falling) << falling.error().what;
  EXPECT_TRUE(schedule_of(falling->work).falls);
  const auto both = read_suite(folder.write("f/suite.toml", std::string(whole) + "edge = \"both\"\n"));
  ASSERT_FALSE(both);
  EXPECT_THAT(both.error().what, HasSubstr("edge must be rising or falling"));
}

// ---- What pictures show ----

class PictureSuite : public testing::Test {
 protected:
  PictureSuite() {
    folder_.write("s/images.tar",
                  write_picture_archive({{"NG/b.png", "b"}, {"OK/a.png", "a"}, {"c.png", "c"}}));
  }
  Result<Suite> suite(const std::string& decisions, const std::string& camera = "{images}") {
    return read_suite(
        folder_.write("s/suite.toml",
                      altered(altered(whole, "\"{chip}\"]", "\"{chip}\", \"--camera\", \"" + camera + "\"]"),
                              "[schedule]", "[payload.files]\nimages = \"images.tar\"\n[schedule]") +
                          "[decisions]\n" + decisions));
  }
  std::string refused(const std::string& decisions, const std::string& camera = "{images}") {
    const auto read = suite(decisions, camera);
    if (read) return "accepted";
    EXPECT_EQ(read.error().kind, ErrorKind::usage);
    return read.error().what;
  }
  TempFolder folder_;
};

TEST_F(PictureSuite, TheTruthStandsInTheArchivesOrder) {
  const auto read =
      suite("pictures = \"images\"\n[decisions.truth]\n\"OK/a.png\" = \"OK\"\n\"NG/b.png\" = \"NG\"\n");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(std::get<DecisionWork>(read->work).truth, "-+?");
  EXPECT_TRUE(std::get<DecisionWork>(read->work).pictures);
  EXPECT_EQ(std::get<DecisionWork>(suite("pictures = \"images\"\n")->work).truth, "???");
}

TEST_F(PictureSuite, WhatDoesNotFitIsRefused) {
  const std::string pictures = "pictures = \"images\"\n";
  EXPECT_THAT(refused(pictures + "[decisions.truth]\n\"d.png\" = \"OK\"\n"),
              HasSubstr("d.png is no picture"));
  EXPECT_THAT(refused(pictures + "[decisions.truth]\n\"c.png\" = \"good\"\n"), HasSubstr("must be OK or NG"));
  EXPECT_THAT(refused("pictures = \"others\"\n"), HasSubstr("is no key of [payload.files]: others"));
  EXPECT_THAT(refused(pictures, "synthetic"), HasSubstr("payload.command has no --camera {images}"));
  EXPECT_THAT(refused(""), HasSubstr("decisions.pictures is missing"));
  EXPECT_THAT(refused("[decisions.truth]\n\"c.png\" = \"OK\"\n"), HasSubstr("pictures"));
  EXPECT_THAT(refused(pictures + "unjudged = true\n[decisions.truth]\n\"c.png\" = \"OK\"\n"),
              HasSubstr("do not go together"));
  folder_.write("s/images.tar", "no archive");
  EXPECT_THAT(refused(pictures), HasSubstr("images.tar, which is cut off"));
}

TEST(Suite, ReadsThePayloadsFiles) {
  const TempFolder folder;
  folder.write("models/m.onnx", std::string(100, 'm'));
  folder.write("s/n.onnx", "nn");
  const std::string text = altered(
      whole, "[schedule]", "[payload.files]\nmodel = \"../models/m.onnx\"\nother = \"n.onnx\"\n[schedule]");
  const auto suite = read_suite(folder.write("s/suite.toml", text));
  ASSERT_TRUE(suite) << suite.error().what;
  ASSERT_EQ(payload_of(suite->work).files.size(), 2U);
  const PayloadFile& model = payload_of(suite->work).files[0];
  EXPECT_EQ(model.key, "model");
  EXPECT_EQ(model.target_path(), "/run/loopgate/m.onnx");
  EXPECT_EQ(model.size, 100U);
  EXPECT_EQ(model.sha256, sha256_of(std::string(100, 'm')));
  EXPECT_EQ(payload_of(suite->work).files[1].offset, 128U) << "behind the first, at a cache line";
}

TEST(Suite, RefusesFilesThatCannotBe) {
  const auto with_file = [](const std::string& line) {
    return refusal(altered(whole, "[schedule]", "[payload.files]\n" + line + "\n[schedule]"));
  };
  EXPECT_THAT(with_file("model = \"none.onnx\""), HasSubstr("payload.files.model names"));
  EXPECT_THAT(with_file("model = 3"), HasSubstr("payload.files.model must be a string"));
  EXPECT_THAT(with_file("seed = \"suite.toml\""), HasSubstr("is a name that the command has already"));
}

TEST(Suite, ReadsThePayloadsChecks) {
  const auto with_check = [](const std::string& lines) {
    return altered(whole, "[schedule]", "[[payload.check]]\n" + lines + "\n[schedule]");
  };
  const TempFolder folder;
  const auto suite = read_suite(folder.write(
      "s/suite.toml", with_check("name = \"n\"\nvalue = \"/swaps/0/accepted\"\nequals = \"true\"")));
  ASSERT_TRUE(suite) << suite.error().what;
  ASSERT_EQ(payload_of(suite->work).checks.size(), 1U);
  EXPECT_EQ(payload_of(suite->work).checks[0].value, "/swaps/0/accepted");
  EXPECT_EQ(payload_of(suite->work).checks[0].equals, "true");
  EXPECT_THAT(refusal(with_check("name = \"n\"\nvalue = \"swaps\"\nequals = \"1\"")),
              HasSubstr("must be a JSON pointer"));
  EXPECT_THAT(refusal(with_check("name = \"n\"\nvalue = \"/a\"")),
              HasSubstr("needs one of equals and contains"));
  EXPECT_THAT(refusal(with_check("name = \"n\"\nvalue = \"/a\"\ncontains = \"\"")),
              HasSubstr("needs one of"));
}

constexpr const char* with_programs = R"(title = "Programs"
requires = []
board = "qemu-virt-arm64"
kernels = ["generic"]
loads = ["mixed"]
replicates = 2
[[program]]
name = "cyclictest"
arguments = ["--mlockall"]
loops = 500
policy = "rr"
priority = 80
timeout_s = 30
[[program]]
name = "inversion"
adapter = "pip_stress"
timeout_s = 5
needs = { cpus = 2, files = ["/proc/x"] }
)";

TEST(SuiteOfPrograms, ReadsEveryKey) {
  const TempFolder folder;
  const auto suite = read_suite(folder.write("s/suite.toml", with_programs));
  ASSERT_TRUE(suite) << suite.error().what;
  const ProgramsWork* work = programs_of(suite->work);
  ASSERT_NE(work, nullptr);
  EXPECT_EQ(work->replicates, 2);
  ASSERT_EQ(work->programs.size(), 2U);
  const SuiteProgram& first = work->programs[0];
  EXPECT_EQ(first.target_file(), "/run/loopgate/cyclictest.out");
  EXPECT_THAT(first.argv(),
              ElementsAre("cyclictest", "--mlockall", "--loops", "500", "--policy", "rr", "--priority", "80",
                          "--quiet", "--histogram", "10000", "--json", "/run/loopgate/cyclictest.out"));
  const SuiteProgram& second = work->programs[1];
  EXPECT_STREQ(second.adapter->form().key, "pip_stress");
  EXPECT_EQ(second.target_file(), "");
  EXPECT_EQ(second.needs.cpus, 2);
  EXPECT_THAT(second.needs.files, ElementsAre("/proc/x"));
  EXPECT_EQ(second.timeout_s, 5);
  EXPECT_EQ(schedule_of(suite->work).samples, 0);
  EXPECT_TRUE(payload_of(suite->work).command.empty());
}

TEST(SuiteOfPrograms, RefusesWhatCannotBe) {
  const auto why = [](const char* from, const char* to) { return refusal(altered(with_programs, from, to)); };
  EXPECT_THAT(why("\"pip_stress\"", "\"pip_strass\""),
              HasSubstr("program[1].adapter must be one of cyclicdeadline, "));
  EXPECT_THAT(why("name = \"inversion\"", "name = \"../x\""), HasSubstr("must be of small letters"));
  EXPECT_THAT(why("name = \"inversion\"\nadapter = \"pip_stress\"", "name = \"cyclictest\""),
              HasSubstr("is another program's too"));
  EXPECT_THAT(why("priority = 80", "priority = 100"), HasSubstr("priority must be from 1 to 95"));
  EXPECT_THAT(why("policy = \"rr\"", "policy = \"batch\""), HasSubstr("policy must be fifo, rr, other or"));
  EXPECT_THAT(why("loops = 500", "loops = 0"), HasSubstr("loops must be above 0"));
  EXPECT_THAT(why("loops = 500", "duration_s = 30"), HasSubstr("timeout_s must be above duration_s"));
  EXPECT_THAT(why("loops = 500", "loops = 500\nduration_s = 3"), HasSubstr("do not go together: keep one"));
  EXPECT_THAT(why("timeout_s = 5", "timeout_s = 0"), HasSubstr("timeout_s must be from 1"));
  EXPECT_THAT(why("timeout_s = 5", "loops = 5\ntimeout_s = 5"),
              HasSubstr("pip_stress has no option for loops"));
  EXPECT_THAT(why("[\"--mlockall\"]", "[\"--histfile\", \"x\"]"),
              HasSubstr("could not be read under --histfile"));
  EXPECT_THAT(
      why("[\"--mlockall\"]", "[\"--mlocka\"]"),
      AllOf(HasSubstr("file.toml: "), HasSubstr("program[0]: cyclictest takes no option that is spelled "
                                                "\"--mlocka\" from a suite: write --mlockall")));
  EXPECT_THAT(why("cpus = 2", "cores = 2"), HasSubstr("cores"));
  EXPECT_THAT(why("replicates = 2", "replicates = 0"), HasSubstr("replicates must be from 1"));
  EXPECT_THAT(why("replicates = 2", "instrument = \"loopback\""), HasSubstr("has nothing to stimulate"));
}

TEST(SuiteWithContenders, KeepsThemInTheirOrder) {
  const TempFolder folder;
  const auto suite = read_suite(folder.write(
      "s/suite.toml", altered(whole, "[schedule]",
                              "[[payload.contender]]\nname = \"cpp\"\ncommand = [\"/bin/other\"]\n"
                              "[[payload.contender]]\nname = \"go-off\"\narguments = [\"--gogc\", \"off\"]\n"
                              "[schedule]")));
  ASSERT_TRUE(suite) << suite.error().what;
  const auto& contenders = payload_of(suite->work).contenders;
  ASSERT_EQ(contenders.size(), 2U);
  EXPECT_EQ(contenders[0].name, "cpp");
  EXPECT_THAT(contenders[0].command, ElementsAre("/bin/other"));
  EXPECT_EQ(contenders[1].name, "go-off");
  EXPECT_THAT(contenders[1].command, ElementsAre());
  EXPECT_THAT(contenders[1].arguments, ElementsAre("--gogc", "off"));
}

TEST(SuiteWithContenders, RefusesWhatCannotBeToldApart) {
  const auto why = [](const std::string& contender, const std::string& more = "") {
    return refusal(
        altered(whole, "[schedule]", "[[payload.contender]]\n" + contender + more + "\n[schedule]"));
  };
  EXPECT_THAT(why("name = \"a.b\""), HasSubstr("name must be of the letters a to z, digits, - and _"));
  EXPECT_THAT(why("name = \"\""), HasSubstr("name must be of the letters"));
  EXPECT_THAT(why("name = \"../x\""), HasSubstr("name must be of the letters"));
  EXPECT_THAT(why("name = \"go\"", "\n[[payload.contender]]\nname = \"go\""),
              HasSubstr("is go, which another contender has"));
  EXPECT_THAT(why("name = \"go\"\ncommand = []"), HasSubstr("command is empty"));
  EXPECT_THAT(why("name = \"go\"\nargument = [\"x\"]"), HasSubstr("argument"));
  EXPECT_THAT(why("arguments = [\"x\"]"), HasSubstr("name"));
  EXPECT_THAT(why("name = \"go\"", "\n[decisions]\nframes = 1"),
              HasSubstr("[[payload.contender]] and [decisions] do not go together"));
}

std::string beside(const std::string& program) { return std::string(whole) + "[[program]]\n" + program; }

TEST(SuiteWithAProgramBeside, KeepsItWithThePayload) {
  const TempFolder folder;
  const auto suite = read_suite(
      folder.write("s/suite.toml", beside("name = \"cyclictest\"\npriority = 80\ntimeout_s = 60\n")));
  ASSERT_TRUE(suite) << suite.error().what;
  EXPECT_EQ(programs_of(suite->work), nullptr) << "something is stimulated";
  EXPECT_EQ(schedule_of(suite->work).samples, 10'000);
  const auto programs = all_programs(suite->work);
  ASSERT_EQ(programs.size(), 1U);
  EXPECT_THAT(programs[0].argv(), ElementsAre("cyclictest", "--policy", "fifo", "--priority", "80", "--quiet",
                                              "--histogram", "10000", "--json", programs[0].target_file()));
}

TEST(SuiteWithAProgramBeside, RefusesWhatWouldNotEndOrWouldDisturb) {
  EXPECT_THAT(
      refusal(beside("name = \"pip_stress\"\ntimeout_s = 5\n")),
      HasSubstr("program[0]: pip_stress cannot run beside a payload: it does not end when it is told"));
  EXPECT_THAT(refusal(beside("name = \"cyclictest\"\ntimeout_s = 5\n[[program]]\nname = \"two\"\n"
                             "adapter = \"cyclictest\"\ntimeout_s = 5\n")),
              HasSubstr("has 2 [[program]] beside its [payload]"));
  EXPECT_THAT(refusal(altered(beside("name = \"cyclictest\"\ntimeout_s = 5\n"), "[payload]",
                              "[decisions]\nframes = 1\n[payload]")),
              HasSubstr("[decisions] do not go together"));
}

}  // namespace
}  // namespace loopgate::suite_test
