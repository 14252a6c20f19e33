#include "record/worst_case.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing/temp_folder.h"

namespace loopgate::worst_case_test {
namespace {

using ::testing::HasSubstr;

WorstCases two_cells() {
  CellWorstCase generic;
  generic.cell = "generic.mixed";
  generic.kernel = "generic";
  generic.load = "mixed";
  generic.samples_sha256 = "95c0";
  generic.samples = 1'250;
  generic.observed_max_ns = 639'900;
  generic.longest_irq_off = {344'600, "free_pcppages_bulk", "stress-ng-vm"};
  generic.longest_preempt_off = {713'300, "__tlb_batch_free_encoded_pages", "stress-ng-vm"};
  generic.terms = {{"interrupts off", 344'600, "free_pcppages_bulk"},
                   {"preemption off", 711'300, "somewhere"}};
  generic.bound_ns = 1'055'900;
  CellWorstCase other = generic;
  other.cell = "preempt-rt.mixed";
  other.kernel = "preempt-rt";
  other.preemptible = true;
  other.with_hunted_ns = 1'000'000;
  return {{generic, other}};
}

TEST(WorstCase, WhatIsWrittenIsRead) {
  const auto again = parse_worst_cases(to_json(two_cells()), "worst-case.json");
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(*again, two_cells());
}

TEST(WorstCase, TheSeedOfItsFuzzerIsRead) {
  const std::string path = std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/worst-case.json";
  const auto read = parse_worst_cases(*read_file(path), path);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->cells.size(), 2U);
}

TEST(WorstCase, IsInTheRunsFolderOrIsNot) {
  const TempFolder folder;
  const auto none = read_worst_cases(folder.path());
  ASSERT_TRUE(none);
  EXPECT_FALSE(*none);
  ASSERT_TRUE(write_worst_cases(folder.path(), two_cells()));
  const auto read = read_worst_cases(folder.path());
  ASSERT_TRUE(read && *read);
  EXPECT_EQ(**read, two_cells());
}

TEST(WorstCase, QuantitiesAreReadByTheirKeys) {
  const WorstCases all = two_cells();
  const auto read = [&](const char* key, std::size_t cell) {
    return find_worst_case_quantity(key)->read(all.cells[cell]);
  };
  EXPECT_EQ(read("longest_irq_off", 0), 344'600);
  EXPECT_EQ(read("longest_preempt_off", 0), 713'300);
  EXPECT_EQ(read("bound", 0), 1'055'900);
  EXPECT_EQ(find_worst_case_quantity("hunted_max")->read, nullptr) << "hunt.json has it";
  EXPECT_EQ(find_worst_case_quantity("max"), nullptr);
}

std::string with(std::string text, const std::string& old, const std::string& put) {
  const auto at = text.find(old);
  EXPECT_NE(at, std::string::npos) << old;
  return text.replace(at, old.size(), put);
}

TEST(WorstCase, WhatDoesNotHoldTogetherIsRefusedByName) {
  const std::string good = to_json(two_cells());
  const std::pair<std::string, const char*> cases[] = {
      {"", "worst-case.json"},
      {"[]", "worst-case.json"},
      {good.substr(0, good.size() / 2), "worst-case.json"},
      {with(good, "\"bound_ns\": 1055900", "\"bound_ns\": 1055901"), "terms do not add up to bound_ns"},
      {with(good, "\"ns\": 344600", "\"ns\": -1"), "longest_irq_off.ns must be from 0"},
      {with(good, "\"ns\": 711300", "\"ns\": 9223372036854775807"), "terms"},
      {with(good, "\"ns\": 713300", "\"ns\": 711299"),
       "a window with preemption off that is longer than the longest"},
      {with(good, "\"with_hunted_ns\": 1000000", "\"with_hunted_ns\": 100"), "was altered"},
      {with(good, "preempt-rt.mixed", "generic.mixed"), "cells has a cell twice"},
      {with(good, "\"generic.mixed\"", "\"\""), "cell must not be empty"},
      {with(good, "\"samples_sha256\": \"95c0\"", "\"samples_sha256\": 1"), "samples_sha256"},
      {with(good, "\"with_hunted_ns\": 1000000", "\"with_hunted_ns\": \"x\""), "with_hunted_ns"},
  };
  for (const auto& [text, what] : cases) {
    const auto read = parse_worst_cases(text, "worst-case.json");
    ASSERT_FALSE(read) << what;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    EXPECT_THAT(read.error().what, HasSubstr(what));
  }
}

}  // namespace
}  // namespace loopgate::worst_case_test
