#include "protocol/instrument_event.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

using ::testing::StartsWith;
using Kind = InstrumentEvent::Kind;

TEST(ParseEvent, KnowsEveryKind) {
  const std::vector<std::pair<const char*, Kind>> kinds = {
      {"wired", Kind::wired},       {"booted", Kind::booted},     {"ready", Kind::ready},
      {"progress", Kind::progress}, {"measured", Kind::measured}, {"reported", Kind::reported},
      {"failed", Kind::failed},     {"silent", Kind::silent},     {"error", Kind::error}};
  for (const auto& [name, kind] : kinds) {
    const auto event = parse_event(std::string(R"({"event":")") + name + R"("})");
    ASSERT_TRUE(event) << name;
    EXPECT_EQ(event->kind, kind) << name;
    EXPECT_EQ(event->virtual_ns, 0);
    EXPECT_EQ(event->counts.planned, 0U);
  }
}

TEST(ParseEvent, ReadsEveryCount) {
  const auto event = parse_event(
      R"({"event":"measured","virtual_ns":12000000000,"planned":10208,"due":10207,"answered":10000,"late":3,)"
      R"("unanswered":4,"not_sent":5,"spurious":6,"storm_pulses":250000})");
  ASSERT_TRUE(event);
  EXPECT_EQ(event->virtual_ns, 12'000'000'000);
  EXPECT_EQ(event->counts.planned, 10'208U);
  EXPECT_EQ(event->counts.due, 10'207U);
  EXPECT_EQ(event->counts.answered, 10'000U);
  EXPECT_EQ(event->counts.late, 3U);
  EXPECT_EQ(event->counts.unanswered, 4U);
  EXPECT_EQ(event->counts.not_sent, 5U);
  EXPECT_EQ(event->counts.spurious, 6U);
  EXPECT_EQ(event->storm_pulses, 250'000U);
}

TEST(ParseEvent, TellsWhatWasAwaitedOrWrong) {
  EXPECT_EQ(parse_event(R"({"event":"silent","awaited":"ready"})").value().what, "ready");
  EXPECT_EQ(parse_event(R"({"event":"error","what":"no pl061"})").value().what, "no pl061");
}

TEST(ParseEvent, RefusesWhatIsNoEvent) {
  for (const char* line :
       {"", "wired", "{\"event\":\"wired\"", "[]", "\"wired\"", "null", "{}", R"({"event":"exploded"})",
        R"({"event":3})", R"({"event":null})", R"({"event":"ready","due":"many"})",
        R"({"event":"error","what":7})", R"({"event":"ready","virtual_ns":[]})", "{\"event\":\"re\xff\"}"}) {
    const auto event = parse_event(line);
    ASSERT_FALSE(event) << line;
    EXPECT_EQ(event.error().kind, ErrorKind::data);
    EXPECT_THAT(event.error().what, StartsWith("the instrument sent no event: "));
  }
}

TEST(ParseEvent, DoesNotRepeatALongLineWhole) {
  const auto event = parse_event(std::string(10'000, 'x'));
  ASSERT_FALSE(event);
  EXPECT_LT(event.error().what.size(), 300U);
}

}  // namespace
}  // namespace loopgate
