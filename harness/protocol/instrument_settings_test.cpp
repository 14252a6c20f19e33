#include "protocol/instrument_settings.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

InstrumentSettings all_different() {
  InstrumentSettings settings;
  settings.controller = "other";
  settings.lines = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  settings.channel = "/dev/shm/a b/channel";
  settings.events = "/dev/shm/events";
  settings.samples = "cells/x/samples.lgs";
  settings.pulses = {18'446'744'073'709'551'615ULL, 2, 3, 4, 5, 6, 7, 8};
  settings.observe = true;
  settings.storm_per_second = 25'000.5;
  settings.saved_at_ns = 9;
  settings.boot_limit_ns = 10;
  settings.ready_limit_ns = 11;
  settings.report_limit_ns = 12;
  settings.observe_limit_ns = 13;
  return settings;
}

TEST(InstrumentSettings, AreReadBackAsWritten) {
  const InstrumentSettings wrote = all_different();
  const auto read = parse_instrument_settings(to_json(wrote));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), to_json(wrote));
  EXPECT_EQ(read->controller, "other");
  EXPECT_EQ(read->lines.stimulus, 11);
  EXPECT_EQ(read->lines.jumper_in, 17);
  EXPECT_EQ(read->lines.response_in, 20);
  EXPECT_TRUE(read->observe);
  EXPECT_EQ(read->channel, wrote.channel);
  EXPECT_EQ(read->samples, wrote.samples);
  EXPECT_EQ(read->pulses.seed, 18'446'744'073'709'551'615ULL);
  EXPECT_EQ(read->pulses.abandon_ns, 8);
  EXPECT_EQ(read->storm_per_second, 25'000.5);
  EXPECT_EQ(read->report_limit_ns, 12);
  EXPECT_EQ(read->observe_limit_ns, 13);
}

TEST(InstrumentSettings, WhatIsToBeWatchedIsReadBack) {
  InstrumentSettings wrote = all_different();
  wrote.watch.file = "watch.lgw";
  wrote.watch.samples = {3, 5};
  wrote.watch.phases_only = true;
  wrote.watch.kernel.switch_function = 0xffff'8000'8001'0000;
  wrote.watch.kernel.action_name = 120;
  const auto read = parse_instrument_settings(to_json(wrote));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), to_json(wrote));
  EXPECT_EQ(read->watch.samples, wrote.watch.samples);
  EXPECT_EQ(read->watch.kernel.switch_function, 0xffff'8000'8001'0000);
  EXPECT_EQ(read->watch.kernel.action_name, 120U);
}

TEST(InstrumentSettings, WatchNothingUnlessTold) {
  const auto read = parse_instrument_settings(to_json(all_different()));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->watch.file.empty());
}

TEST(InstrumentSettings, WithoutAKeyAreRefused) {
  const json whole = json::parse(to_json(all_different()));
  for (const auto& [key, value] : whole.items()) {
    if (key == "format") continue;
    json without = whole;
    without.erase(key);
    const auto read = parse_instrument_settings(without.dump());
    ASSERT_FALSE(read) << key;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
    EXPECT_THAT(read.error().what, HasSubstr("instrument settings:"));
    EXPECT_THAT(read.error().what, HasSubstr(key));
  }
  for (const char* group : {"lines", "pulses"}) {
    json without = whole;
    without[group].erase(without[group].begin());
    EXPECT_FALSE(parse_instrument_settings(without.dump())) << group;
  }
}

TEST(InstrumentSettings, ThatAreDamagedAreRefused) {
  const std::string whole = to_json(all_different());
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("null"), whole.substr(0, whole.size() / 2)}) {
    const auto read = parse_instrument_settings(text);
    ASSERT_FALSE(read) << text;
    EXPECT_EQ(read.error().kind, ErrorKind::data);
  }
  json wrong = json::parse(whole);
  wrong["pulses"]["seed"] = "one";
  EXPECT_FALSE(parse_instrument_settings(wrong.dump()));
}

}  // namespace
}  // namespace loopgate
