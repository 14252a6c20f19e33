#include "record/payload_work.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

json printed() {
  return json::parse(R"({"frames": 6, "decisions": 2, "work": {"shares_cpu": true,
    "threads": [{"name": "loop", "cpu_ns": 900}, {"name": "preparing", "cpu_ns": 100}],
    "computed_bytes_a_frame": {"capture": 10, "network": 400}}})");
}

std::string refusal(const json& said) {
  const auto work = payload_work_in(said);
  if (work) return "not refused";
  EXPECT_EQ(work.error().kind, ErrorKind::data);
  return work.error().what;
}

TEST(PayloadWork, IsOfAllFrames) {
  const auto work = payload_work_in(printed());
  ASSERT_TRUE(work && *work);
  EXPECT_EQ((*work)->decisions, 2U);
  EXPECT_TRUE((*work)->shares_cpu);
  EXPECT_THAT((*work)->cpu_ns, ElementsAre(NamedAmount{"loop", 900}, NamedAmount{"preparing", 100}));
  EXPECT_THAT((*work)->computed_bytes, ElementsAre(NamedAmount{"capture", 60}, NamedAmount{"network", 2400}));
}

TEST(PayloadWork, IsNothingWhereNothingIsSaidOrDecided) {
  EXPECT_FALSE(*payload_work_in(json()));
  EXPECT_FALSE(*payload_work_in(json::parse(R"({"events": 3, "decisions": 3})")));
  json none = printed();
  none["decisions"] = 0;
  EXPECT_FALSE(*payload_work_in(none));
}

TEST(PayloadWork, WhatCannotBeIsRefusedByItsKey) {
  json said = printed();
  said["work"]["threads"][1]["cpu_ns"] = -1;
  EXPECT_THAT(refusal(said), HasSubstr("what the payload printed: work.threads[1].cpu_ns"));
  said = printed();
  said["work"]["threads"][0].erase("name");
  EXPECT_THAT(refusal(said), HasSubstr("work.threads[0].name is missing"));
  said = printed();
  said["work"]["computed_bytes_a_frame"]["network"] = std::uint64_t{1} << 47U;
  EXPECT_THAT(refusal(said), HasSubstr("network is more than can be"));
  said = printed();
  said["work"] = "much";
  EXPECT_THAT(refusal(said), HasSubstr("work"));
  said = printed();
  said.erase("decisions");
  EXPECT_THAT(refusal(said), HasSubstr("decisions is missing"));
}

TEST(PayloadWork, OfSeveralCellsAddsUp) {
  PayloadWork all;
  pool(**payload_work_in(printed()), &all);
  json other = printed();
  other["work"]["shares_cpu"] = false;
  other["work"]["threads"][1]["name"] = "another";
  pool(**payload_work_in(other), &all);
  EXPECT_EQ(all.decisions, 4U);
  EXPECT_TRUE(all.shares_cpu);
  EXPECT_THAT(all.cpu_ns, ElementsAre(NamedAmount{"loop", 1800}, NamedAmount{"preparing", 100},
                                      NamedAmount{"another", 100}));
}

}  // namespace
}  // namespace loopgate
