#include "explain/paths_file.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace loopgate::paths_file_test {
namespace {

PathExplanation path(const std::string& program, std::uint64_t instructions, bool compared = true) {
  PathExplanation explained{.program = program, .programs_sha256 = "aa"};
  explained.here = {.cell = "preempt-rt.idle",
                    .kernel = "preempt-rt",
                    .iterations = 10,
                    .window_ns = 205,
                    .idle_ns = 5,
                    .instructions = instructions,
                    .functions = {{"schedule", instructions}},
                    .outside_instructions = 70,
                    .figure = {20.6, 16}};
  if (!compared) return explained;
  explained.against = explained.here;
  explained.against->cell = "generic.idle";
  explained.against->kernel = "generic";
  explained.against->functions = {{"mutex_lock", instructions}};
  explained.against_programs_sha256 = "bb";
  return explained;
}

TEST(PathsFile, HasTheSumsOfTheWindow) {
  const auto file = to_json(path("pi-mutex", 200));
  EXPECT_EQ(file["format"], 2);
  const auto& one = file["paths"][0];
  EXPECT_EQ(one["program"], "pi-mutex");
  EXPECT_EQ(one["here"]["instructions"], 200);
  EXPECT_EQ(one["against"]["programs_sha256"], "bb");
  EXPECT_EQ(one["here"]["outside_instructions"], 70);
  EXPECT_EQ(one["here"]["figure"]["mean_ns"], 20.6);
  EXPECT_NEAR(one["here"]["figure"]["more_than_counted_ns"].get<double>(), 0.1, 1e-9);
  EXPECT_EQ(one["here"]["figure"]["agrees"], true);
  std::uint64_t here = 0, there = 0;
  for (const auto& function : one["functions"]) {
    here += function["here"].get<std::uint64_t>();
    there += function["against"].get<std::uint64_t>();
  }
  EXPECT_EQ(here, 200U);
  EXPECT_EQ(there, 200U);
}

TEST(PathsFile, AnotherPathIsAddedAndTheSameOneReplaced) {
  const std::string first = with_path(path("pi-mutex", 200), "").dump();
  const std::string both = with_path(path("null-call", 100), first).dump();
  const std::string again = with_path(path("pi-mutex", 201), both).dump();
  const auto file = nlohmann::json::parse(again);
  ASSERT_EQ(file["paths"].size(), 2U);
  EXPECT_EQ(file["paths"][0]["program"], "null-call");
  EXPECT_EQ(file["paths"][1]["here"]["instructions"], 201);
  EXPECT_EQ(with_path(path("pi-mutex", 200, false), again)["paths"].size(), 3U) << "compared with nothing";
}

TEST(PathsFile, WhatIsAskedForAgainIsTakenOut) {
  const std::string both = with_path(path("null-call", 1), with_path(path("pi-mutex", 2), "").dump()).dump();
  PathRequest request{.program = "pi-mutex", .cell = "preempt-rt.idle", .against = "generic.idle"};
  const auto left = without_path(request, both);
  ASSERT_EQ(left["paths"].size(), 1U);
  EXPECT_EQ(left["paths"][0]["program"], "null-call");
  request.program = "null-call";
  EXPECT_TRUE(without_path(request, left.dump()).is_null());
}

TEST(PathsFile, ADamagedEarlierFileGoes) {
  for (const char* earlier : {"", "{", "[]", "7", R"({"format": 1, "paths": [{}]})",
                              R"({"format": 2, "paths": 7})", R"({"format": 2, "paths": [7, "x"]})"})
    EXPECT_EQ(with_path(path("pi-mutex", 2), earlier)["paths"].size(), 1U) << earlier;
  EXPECT_EQ(with_path(path("pi-mutex", 2), R"({"format": 2, "paths": [{"here": 3, "program": []}]})")["paths"]
                .size(),
            2U);
}

}  // namespace
}  // namespace loopgate::paths_file_test
