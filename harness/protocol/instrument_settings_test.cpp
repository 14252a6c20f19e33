#include "protocol/instrument_settings.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/file.h"

namespace loopgate::instrument_settings_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

InstrumentSettings all_different() {
  InstrumentSettings settings;
  settings.architecture = "riscv64";
  settings.controller = "other";
  settings.lines = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20};
  settings.turns = {2, 200};
  settings.channel = "/dev/shm/a b/channel";
  settings.events = "/dev/shm/events";
  settings.samples = "cells/x/samples.lgs";
  settings.pulses = {18'446'744'073'709'551'615ULL, 2, 3, 4, 5, 6, 7, 8};
  settings.bench_monitors = true;
  settings.storm_per_second = 25'000.5;
  settings.saved_at_ns = 9;
  settings.boot_timeout_ns = 10;
  settings.ready_timeout_ns = 11;
  settings.report_timeout_ns = 12;
  settings.loopback_timeout_ns = 13;
  settings.programs_timeout_ns = 14;
  return settings;
}

TEST(InstrumentSettings, AreReadBackAsWritten) {
  const InstrumentSettings wrote = all_different();
  const auto read = parse_instrument_settings(to_json(wrote));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), to_json(wrote));
  EXPECT_EQ(read->architecture, "riscv64");
  EXPECT_EQ(read->controller, "other");
  EXPECT_EQ(read->lines.stimulus, 11);
  EXPECT_EQ(read->lines.jumper_in, 17);
  EXPECT_EQ(read->lines.response_in, 20);
  EXPECT_EQ(read->turns, (TurnSettings{2, 200}));
  EXPECT_TRUE(read->bench_monitors);
  EXPECT_EQ(read->channel, wrote.channel);
  EXPECT_EQ(read->samples, wrote.samples);
  EXPECT_EQ(read->pulses.seed, 18'446'744'073'709'551'615ULL);
  EXPECT_EQ(read->pulses.response_timeout_ns, 8);
  EXPECT_EQ(read->storm_per_second, 25'000.5);
  EXPECT_EQ(read->report_timeout_ns, 12);
  EXPECT_EQ(read->loopback_timeout_ns, 13);
  EXPECT_EQ(read->programs_timeout_ns, 14);
}

TEST(InstrumentSettings, WhatIsTracedIsReadBack) {
  InstrumentSettings wrote = all_different();
  wrote.trace.file = "trace.lgt";
  wrote.trace.samples = {3, 5};
  wrote.trace.phases_only = true;
  wrote.trace.paths = true;
  wrote.trace.kernel.switch_function = 0xffff'8000'8001'0000;
  wrote.trace.kernel.action_name = 120;
  wrote.trace.kernel.entries = {{0xffff'ffff'8100'0000}, {2, 3}, {4}, {5}};
  wrote.trace.kernel.text_begin = 0xffff'ffff'8100'0000;
  wrote.trace.kernel.preempt_jump = 0xffff'ffff'8200'0000;
  wrote.trace.kernel.task_saved = 9;
  wrote.trace.kernel.task_stack = 10;
  wrote.trace.sections = {true,
                          true,
                          {0xffff'8000'8005'0000},
                          16,
                          {0xffff'8000'8006'0000},
                          1'000'000,
                          {0xffff'8000'8001'0000, 0xffff'8000'8002'0000},
                          {{{0xffff'8000'8003'0000, 24}}, {0xffff'8000'8004'0000}}};
  const auto read = parse_instrument_settings(to_json(wrote));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(to_json(*read), to_json(wrote));
  EXPECT_EQ(read->trace.samples, wrote.trace.samples);
  EXPECT_EQ(read->trace.kernel, wrote.trace.kernel);
  EXPECT_EQ(read->trace.sections, wrote.trace.sections);
}

TEST(InstrumentSettings, HowAHuntsStimuliAreTimedIsReadBack) {
  InstrumentSettings wrote = all_different();
  wrote.aim.quiet = true;  // as of a failure's repeat: nothing else is aimed
  const auto read = parse_instrument_settings(to_json(wrote));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->aim, wrote.aim);
  EXPECT_FALSE(parse_instrument_settings(to_json(all_different()))->aim.quiet);
}

TEST(InstrumentSettings, TraceNothingUnlessAsked) {
  const auto read = parse_instrument_settings(to_json(all_different()));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_TRUE(read->trace.file.empty());
}

TEST(InstrumentSettings, WithoutAKeyAreRefused) {
  const json whole = json::parse(to_json(all_different()));
  for (const auto& [key, value] : whole.items()) {
    if (key == "format" || key == "turns") continue;  // one CPU takes none
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

// 9.7e38 for an integer was undefined behaviour in the library.
TEST(InstrumentSettings, ANumberThatIsNoIntegerIsRefused) {
  const std::string text = to_json(InstrumentSettings());
  for (const char* key : {"saved_at_ns", "boot_timeout_ns"})
    for (const char* number : {"9.71623e38", "1.5", "-1e300"}) {
      auto document = nlohmann::json::parse(text);
      document[key] = nlohmann::json::parse(number);
      const auto read = parse_instrument_settings(document.dump());
      ASSERT_FALSE(read) << key << " " << number;
      EXPECT_EQ(read.error().kind, ErrorKind::data);
    }
  auto document = nlohmann::json::parse(text);
  document["pulses"]["seed"] = 1e19;
  EXPECT_FALSE(parse_instrument_settings(document.dump()));
  document = nlohmann::json::parse(text);
  document["storm_per_second"] = 2500.5;
  EXPECT_TRUE(parse_instrument_settings(document.dump()));
}

// The fuzzer begins with it.
TEST(InstrumentSettings, TheRecordedOneIsOfTodaysFormat) {
  const auto text =
      read_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/messages/instrument.json");
  ASSERT_TRUE(text) << text.error().what;
  const auto read = parse_instrument_settings(*text);
  EXPECT_TRUE(read) << read.error().what;
}

}  // namespace
}  // namespace loopgate::instrument_settings_test
