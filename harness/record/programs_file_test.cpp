#include "record/programs_file.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/testing/temp_folder.h"

namespace loopgate::programs_file_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

ProgramsFile two_programs() {
  ProgramRecord one{.name = "cyclictest", .adapter = "cyclictest", .argv = {"cyclictest", "--loops", "5"}};
  one.began_ns = 1'000;
  one.ended_ns = 2'000;
  one.left_sha256 = sha256_of("left\n");
  one.result.verdict = ProgramVerdict::pass;
  one.result.figures = {{"max", 18, "us", "CLOCK_MONOTONIC", 1},
                        {"rounded", 19, "us", "CLOCK_MONOTONIC", 1, true},
                        {"cycles", 5, "cycles", "", 0}};
  one.result.histogram = LatencyHistogram{-999, 1'000, {0, 3, 0, 1}, 1, 1, 17'001, 1'000, 1};
  one.result.clock = "CLOCK_MONOTONIC";
  ProgramRecord two{.name = "rtla", .adapter = "rtla-timerlat", .argv = {"rtla"}};
  two.result.verdict = ProgramVerdict::not_applicable;
  two.result.reason = "the kernel has no tracer timerlat";
  return {.cell = "generic.mixed", .time_base = TimeBase::wall_clock, .programs = {one, two}};
}

std::string refusal(const json& document) {
  const auto read = parse_programs(document.dump(), "programs.json");
  return read ? "accepted" : read.error().what;
}

TEST(ProgramsFile, IsReadBackAsWritten) {
  const auto read = parse_programs(to_json(two_programs()), "programs.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, two_programs());
}

TEST(ProgramsFile, SaysWhenStimuliCameBesideAProgram) {
  ProgramsFile file = two_programs();
  file.stimuli = StimuliTime{1'500, 9'000};
  const auto read = parse_programs(to_json(file), "programs.json");
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, file);
  json wrong = json::parse(to_json(file));
  wrong["stimuli"]["ended_ns"] = 1'500;
  EXPECT_THAT(refusal(wrong), HasSubstr("stimuli.ended_ns must be after began_ns"));
}

TEST(ProgramsFile, RefusesWhatCannotBe) {
  const json good = json::parse(to_json(two_programs()));
  const auto why = [&](const char* pointer, const json& value) {
    json other = good;
    other[json::json_pointer(pointer)] = value;
    return refusal(other);
  };
  EXPECT_EQ(refusal(good), "accepted");
  EXPECT_THAT(why("/self_measured", false), HasSubstr("self_measured must be true"));
  EXPECT_THAT(why("/programs/1/name", "cyclictest"), HasSubstr("two of the name cyclictest"));
  EXPECT_THAT(why("/programs/1/name", "../x"), HasSubstr("leads out of the cell's folder"));
  EXPECT_THAT(why("/programs/0/result", "good"), HasSubstr("programs[0].result must be"));
  EXPECT_THAT(why("/programs/0/reason", "but"), HasSubstr("does not fit the result"));
  EXPECT_THAT(why("/programs/0/left/sha256", nullptr), HasSubstr("has no digest of what the program left"));
  EXPECT_THAT(why("/programs/0/figures/0/value", -1), HasSubstr("must not be negative"));
  EXPECT_THAT(why("/programs/0/histogram/bin", json::array({1, 4})),
              HasSubstr("must rise, and stay below bins"));
  EXPECT_THAT(why("/programs/0/histogram/count", json::array({1})), HasSubstr("another length than bin"));
  EXPECT_THAT(why("/programs/0/histogram/bin_width_ns", 0), HasSubstr("must be at least 1"));
}

TEST(ProgramsFile, IsRefusedWhereItOrWhatAProgramLeftWasAltered) {
  const TempFolder folder;
  const std::string text = to_json(two_programs());
  folder.write("programs.json", text);
  folder.write("programs/cyclictest.json", "left\n");
  EXPECT_TRUE(load_programs(folder.path(), sha256_of(text)));
  EXPECT_THAT(load_programs(folder.path(), "another").error().what, HasSubstr("programs.json: was altered"));
  folder.write("programs/cyclictest.json", "right\n");
  EXPECT_THAT(load_programs(folder.path()).error().what, HasSubstr("cyclictest.json: was altered"));
}

}  // namespace
}  // namespace loopgate::programs_file_test
