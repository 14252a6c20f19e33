#include "protocol/single_times.h"

#include <gmock/gmock.h>

namespace loopgate::single_times_test {
namespace {

using ::testing::HasSubstr;

SingleTimesFile some() {
  return {.iterations = 5,
          .clock = "CLOCK_MONOTONIC",
          .resolution_ns = 16,
          .min_ns = 720,
          .max_ns = 800,
          .sum_ns = 3'700,
          .bin_width_ns = 16,
          .bin = {0, 5},
          .count = {4, 1},
          .primitive = "null-call",
          .times = times_whole_ones,
          .policy = "other",
          .loop_ns = 4'000};
}

std::string refusal(const SingleTimesFile& file) {
  const auto read = parse_single_times(to_json(file), "its histogram");
  if (read) return "accepted";
  EXPECT_EQ(read.error().kind, ErrorKind::data);
  return read.error().what;
}

template <class Change>
std::string refusal_after(Change change) {
  SingleTimesFile file = some();
  change(&file);
  return refusal(file);
}

TEST(SingleTimes, AreReadAsTheyWereWritten) {
  EXPECT_EQ(parse_single_times(to_json(some()), "x").value(), some());
  SingleTimesFile other = some();
  other.times = times_parts;
  other.idle = true;
  EXPECT_EQ(parse_single_times(to_json(other), "x").value(), other);
}

TEST(SingleTimes, WhatCannotBeIsRefusedByItsKey) {
  using File = SingleTimesFile;
  EXPECT_THAT(refusal_after([](File* file) { file->iterations = 0; }),
              HasSubstr("iterations must be from 1"));
  EXPECT_THAT(refusal_after([](File* file) { file->min_ns = 801; }),
              HasSubstr("min_ns must not be above max_ns"));
  EXPECT_THAT(refusal_after([](File* file) { file->bin = {0}; }), HasSubstr("bin must be as many as count"));
  EXPECT_THAT(refusal_after([](File* file) { file->bin = {5, 5}; }), HasSubstr("bin must rise"));
  EXPECT_THAT(refusal_after([](File* file) { file->count = {5, 0}; }), HasSubstr("count must be from 1"));
  EXPECT_THAT(refusal_after([](File* file) { file->times = "some"; }),
              HasSubstr("times must be part or whole"));
  EXPECT_THAT(refusal_after([](File* file) { file->clock = ""; }), HasSubstr("clock must not be empty"));
  EXPECT_THAT(refusal_after([](File* file) { file->bin_width_ns = 0; }),
              HasSubstr("bin_width_ns must be from 1"));
  const std::string whole = to_json(some());
  for (std::size_t size = 0; size + 2 < whole.size(); ++size)
    EXPECT_FALSE(parse_single_times(whole.substr(0, size), "x")) << size;
}

}  // namespace
}  // namespace loopgate::single_times_test
