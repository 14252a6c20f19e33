#include "protocol/instrument_event.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

namespace loopgate::instrument_event_test {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = InstrumentEvent::Kind;

constexpr Kind every_kind[] = {Kind::wired,    Kind::booted,   Kind::ready,  Kind::counting, Kind::progress,
                               Kind::measured, Kind::reported, Kind::failed, Kind::silent,   Kind::error};

// Every field that its kind has is set to a value of its own.
InstrumentEvent full_event(Kind kind) {
  InstrumentEvent event;
  event.kind = kind;
  if (kind == Kind::silent) {
    event.awaited = AgentState::ready;
    event.virtual_ns = 12;
    return event;
  }
  event.what = "a sentence";
  if (kind == Kind::error) return event;
  event.virtual_ns = 12'000'000'000;
  event.counts = {10'208, 10'207, 10'000, 3, 4, 5, 6};
  event.storm_pulses = 250'000;
  if (kind == Kind::reported) event.longest_turn_ns = 200;
  return event;
}

InstrumentEvent loopbacks_end() {
  InstrumentEvent event = full_event(Kind::measured);
  event.what.clear();
  event.virtual_ns = 0;
  event.storm_pulses = 0;
  event.monotonic_ns = 77;
  event.loopback = LoopbackFigures{
      EventFigures{1, 2, 3, 4}, EventFigures{5, 6, 7, 8}, 1, true, 9, 10, 11, 12, 13, 14, true};
  return event;
}

void expect_same(const InstrumentEvent& event) {
  const std::string line = to_line(event);
  const auto read = parse_event(line);
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(*read, event) << line;
  EXPECT_EQ(to_line(*read), line);
}

std::string refusal(const json& event) {
  const auto read = parse_event(event.dump());
  return read ? "accepted" : read.error().what;
}

TEST(InstrumentEvent, IsReadAsItWasWritten) {
  for (const Kind kind : every_kind) {
    expect_same(full_event(kind));
    InstrumentEvent least;
    least.kind = kind;
    least.awaited = kind == Kind::silent ? AgentState::reported : AgentState::none;
    if (kind == Kind::error) least.what = "x";
    expect_same(least);
  }
  expect_same(loopbacks_end());
  InstrumentEvent event = loopbacks_end();
  event.loopback = LoopbackFigures();
  expect_same(event);
}

TEST(InstrumentEvent, HasTheTextThatItAlwaysHad) {
  InstrumentEvent event = full_event(Kind::measured);
  event.what.clear();
  EXPECT_EQ(
      to_line(event),
      R"({"answered":10000,"due":10207,"event":"measured","late":3,"not_sent":5,"planned":10208,"spurious":6,)"
      R"("storm_pulses":250000,"unanswered":4,"virtual_ns":12000000000})");
  InstrumentEvent silent;
  silent.kind = Kind::silent;
  silent.awaited = AgentState::booted;
  EXPECT_EQ(to_line(silent), R"({"awaited":"boot","event":"silent","virtual_ns":0})");
  EXPECT_EQ(
      to_line(loopbacks_end()),
      R"({"answered":10000,"clock_step_ns":11,"counter_hz":10,"cpu":1,"degraded":true,"due":10207,)"
      R"("event":"measured","late":3,"late_by_ns":{"max":8,"min":5,"p50":6,"p99":7},"major_faults":13,)"
      R"("minor_faults":12,"monotonic_ns":77,"not_sent":5,"own_share_ns":{"max":4,"min":1,"p50":2,"p99":3},)"
      R"("planned":10208,"priority_read_back":14,"shares_payloads_cpu":true,"spurious":6,)"
      R"("timer_resolution_ns":9,"unanswered":4})");
}

TEST(InstrumentEvent, OfTheAgentHasNoCounts) {
  EXPECT_EQ(parse_event(R"({"event":"ready"})")->counts, PulseCounts());
  EXPECT_EQ(parse_event(R"({"event":"failed","what":"load: it ended"})")->what, "load: it ended");
}

TEST(InstrumentEvent, RefusesWhatIsNoEvent) {
  for (const char* line :
       {"", "wired", "{\"event\":\"wired\"", "[]", "\"wired\"", "null", "{}", R"({"event":"exploded"})",
        R"({"event":3})", R"({"event":null})", R"({"event":"ready","due":"many"})",
        R"({"event":"error","what":7})", R"({"event":"error"})", R"({"event":"ready","virtual_ns":[]})",
        R"({"event":"silent"})", R"({"event":"silent","awaited":"lunch","virtual_ns":1})",
        "{\"event\":\"re\xff\"}"}) {
    const auto event = parse_event(line);
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().kind, ErrorKind::data);
    EXPECT_THAT(event.error().what, StartsWith("the instrument's event: "));
  }
}

TEST(InstrumentEvent, EveryMissingAndEveryUnknownKeyIsRefusedByName) {
  for (const InstrumentEvent& event : {full_event(Kind::progress), loopbacks_end()}) {
    const json whole = json::parse(to_line(event));
    for (const auto& [key, value] : whole.items()) {
      json without = whole;
      without.erase(key);
      if (key == "what") continue;
      EXPECT_NE(refusal(without), "accepted") << key;
    }
    json more = whole;
    more["surprise"] = 1;
    EXPECT_THAT(refusal(more), HasSubstr("surprise is an unknown key"));
  }
  json without = json::parse(to_line(full_event(Kind::progress)));
  without.erase("due");
  EXPECT_THAT(refusal(without), HasSubstr("due is missing"));
}

TEST(InstrumentEvent, DoesNotRepeatALongLineWhole) {
  const auto event = parse_event(std::string(10'000, 'x'));
  ASSERT_FALSE(event);
  EXPECT_LT(event.error().what.size(), 300U);
}

}  // namespace
}  // namespace loopgate::instrument_event_test
