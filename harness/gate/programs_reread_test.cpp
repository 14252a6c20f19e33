#include "gate/programs_reread.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "base/testing/temp_folder.h"
#include "programs/measuring/measuring_program.h"

namespace loopgate::programs_reread_test {
namespace {

using ::testing::HasSubstr;

std::string recorded(const std::string& name) {
  return text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/programs/" + name);
}

nlohmann::json left_of(const std::string& printed, const std::string& file) {
  return {{"format", 1},        {"name", "cyclictest"}, {"exit", "exited 0"},
          {"timed_out", false}, {"cut_off", false},     {"told_to_end", false},
          {"stdout", printed},  {"stderr", ""},         {"file", file}};
}

struct Recorded {
  ProgramRecord record;
  nlohmann::json left;
};

// As a run leaves it.
Recorded of_cyclictest(const std::string& name, const std::vector<std::string>& argv) {
  Recorded made{{.name = "cyclictest", .adapter = "cyclictest", .argv = argv},
                left_of(recorded(name + ".txt"), recorded(name + ".json"))};
  const ProgramEnd end{.status = 0, .printed = recorded(name + ".txt"), .file = recorded(name + ".json")};
  made.record.result = find_measuring_program("cyclictest")->judge(argv, end);
  made.record.left_sha256 = "of it";
  return made;
}

Recorded good() {
  return of_cyclictest("cyclictest",
                       {"cyclictest", "--mlockall", "--policy=fifo", "--priority=80", "--interval=1000",
                        "--loops=500", "--quiet", "--histogram=100", "--json=/tmp/o.json"});
}

TEST(ProgramsReread, WhatAProgramLeftSaysTheSame) {
  const Recorded made = good();
  ASSERT_EQ(made.record.result.verdict, ProgramVerdict::pass) << made.record.result.reason;
  EXPECT_EQ(other_than_left(made.record, made.left.dump()), "");
  ProgramRecord with_length = made.record;  // which is made of a path's time
  with_length.result.figures.insert(with_length.result.figures.begin(),
                                    {"instructions", 5, "instructions", "", 0});
  EXPECT_EQ(other_than_left(with_length, made.left.dump()), "");
}

TEST(ProgramsReread, WhoEditsOneOfTheTwoIsFoundOut) {
  const Recorded made = good();
  ASSERT_TRUE(made.record.result.histogram);
  const auto with = [&](const auto& change) {
    ProgramRecord record = made.record;
    change(&record.result);
    return other_than_left(record, made.left.dump());
  };
  EXPECT_THAT(with([](ProgramResult* result) {
                std::ranges::find(result->figures, "max", &ProgramFigure::name)->value = 3;
              }),
              HasSubstr("programs.json says max 3 us, and what it left"));
  EXPECT_THAT(with([](ProgramResult* result) { result->figures.pop_back(); }),
              HasSubstr("and programs.json has none"));
  EXPECT_THAT(with([](ProgramResult* result) { ++result->histogram->count.at(5); }),
              HasSubstr("another histogram than what it left"));
  EXPECT_EQ(with([](ProgramResult* result) { result->verdict = ProgramVerdict::invalid; }), "")
      << "no file makes that better";
  Recorded limit = of_cyclictest("cyclictest-limit", {"cyclictest", "-b", "1", "--histogram", "100"});
  ASSERT_EQ(limit.record.result.verdict, ProgramVerdict::fail) << limit.record.result.reason;
  limit.record.result.verdict = ProgramVerdict::pass;
  EXPECT_EQ(other_than_left(limit.record, limit.left.dump()),
            "programs.json says pass, and what it left fail");
  ProgramRecord other = made.record;
  other.argv.push_back("--threads=7");
  EXPECT_THAT(other_than_left(other, made.left.dump()),
              HasSubstr("programs.json says pass, and it was given"));
  nlohmann::json cut = made.left;
  cut["cut_off"] = true;
  EXPECT_THAT(other_than_left(made.record, cut.dump()), HasSubstr("was cut off"));
  for (const char* none : {"", "{}", "[]"}) EXPECT_NE(other_than_left(made.record, none), "") << none;
}

}  // namespace
}  // namespace loopgate::programs_reread_test
