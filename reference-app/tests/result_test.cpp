// What the program prints at its end.
#include "inspection/result.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace loopgate::inspection {
namespace {

using Json = nlohmann::json;

TEST(Result, IsOneLineWithAllOfItsFields) {
  RunResult result;
  result.counts.events = 7;
  result.counts.inference.add(10);
  result.counts.inference.add(20);
  result.degraded = "memory can't be locked";
  result.model = {"m\xff.onnx", "made", "1", "abc"};
  result.swaps = {{"a", 3, true, "", 5}, {"b", {}, false, "it is damaged", 0}};
  const std::string line = to_json(result);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const Json json = Json::parse(line);
  for (const char* field : {"events",
                            "frames",
                            "decisions",
                            "ok",
                            "ng",
                            "overruns",
                            "incomplete_scenes",
                            "records_not_stored",
                            "allocations",
                            "minor_faults",
                            "major_faults",
                            "peak_memory_kib",
                            "engine",
                            "model",
                            "degraded",
                            "degraded_reason",
                            "policy_read_back",
                            "priority_read_back",
                            "warm_up",
                            "inference_ns",
                            "swaps"})
    EXPECT_TRUE(json.contains(field)) << field;
  EXPECT_EQ(json["events"], 7);
  EXPECT_TRUE(json["allocations"].is_null());
  EXPECT_EQ(json["degraded"], true);
  EXPECT_EQ(json["inference_ns"]["stage"], Json::parse(R"({"count":2,"min":10,"mean":15,"max":20})"));
  EXPECT_TRUE(json["inference_ns"]["engine_alone"].is_null());
  EXPECT_EQ(json["swaps"][0],
            Json::parse(R"({"file":"a","after_frames":3,"accepted":true,"reason":"","in_force_from":5})"));
  EXPECT_EQ(
      json["swaps"][1],
      Json::parse(
          R"({"file":"b","after_frames":null,"accepted":false,"reason":"it is damaged","in_force_from":null})"));
  EXPECT_GT(peak_memory_kib(), 0U);
}

TEST(Result, SaysWhoWorkedAndWhatWasMoved) {
  RunResult result;
  result.use = {2, {1, 0}, 900};
  result.bytes = {10, 20, 30, 40};
  Json json = Json::parse(to_json(result));
  EXPECT_EQ(json["preprocess_read_back"], "same-thread");
  EXPECT_TRUE(json["preprocess_cpu_read_back"].is_null());
  EXPECT_TRUE(json["hand_over_ns"].is_null());
  EXPECT_EQ(json["work"], Json::parse(R"({"threads": [{"name": "loop", "cpu_ns": 900}], "shares_cpu": false,
      "computed_bytes_a_frame": {"capture": 10, "preprocess": 20, "network": 40}})"));
  result.preparing = PreparingUse{{3, {4, 5}, 100}, 3, true};
  json = Json::parse(to_json(result));
  EXPECT_EQ(json["preprocess_read_back"], "own-thread");
  EXPECT_EQ(json["preprocess_cpu_read_back"], 3);
  EXPECT_EQ(json["allocations"], 5);
  EXPECT_EQ(json["minor_faults"], 5);
  EXPECT_EQ(json["major_faults"], 5);
  EXPECT_EQ(json["work"]["threads"][1], Json::parse(R"({"name": "preparing", "cpu_ns": 100})"));
  EXPECT_EQ(json["work"]["computed_bytes_a_frame"]["hand_over"], 30);
  EXPECT_EQ(json["work"]["shares_cpu"], true);
}

}  // namespace
}  // namespace loopgate::inspection
