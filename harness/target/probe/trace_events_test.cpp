#include "target/probe/trace_events.h"

#include <gmock/gmock.h>

#include "base/little_endian.h"

namespace loopgate::trace_events_test {
namespace {

using Kind = TraceEvent::Kind;

std::string format_of(int id, const std::vector<std::string>& names) {
  std::string text = "name: e\nID: " + std::to_string(id) +
                     "\nformat:\n\tfield:unsigned short common_type;\toffset:0;\tsize:2;\tsigned:0;\n"
                     "\tfield:int common_pid;\toffset:4;\tsize:4;\tsigned:1;\n";
  std::size_t offset = 8;
  for (const std::string& name : names) {
    text += "\tfield:int " + name + ";\toffset:" + std::to_string(offset) + ";\tsize:4;\tsigned:1;\n";
    offset += 4;
  }
  return text;
}

TraceTexts texts() {
  return {format_of(10, {"irq"}), format_of(11, {"pid"}),
          format_of(12, {"next_pid", "prev_state", "prev_pid"}) +
              "\tfield:char prev_comm[8];\toffset:20;\tsize:8;\tsigned:0;\n"
              "\tfield:char next_comm[8];\toffset:28;\tsize:8;\tsigned:0;\n",
          format_of(13, {"gpio", "get", "value"})};
}

std::string event_of(std::uint16_t type, const std::vector<std::int32_t>& words) {
  std::string bytes;
  append_little_endian(&bytes, type);
  append_little_endian(&bytes, std::uint16_t{0});
  for (const std::int32_t word : words) append_little_endian(&bytes, word);
  return bytes;
}

std::optional<TraceEvent> read(const std::string& bytes) {
  return TraceEvents::of(texts())->read({500, bytes});
}

TEST(TraceEvents, SayWhoAndWhom) {
  const auto handler = read(event_of(10, {7, 18}));
  ASSERT_TRUE(handler);
  EXPECT_EQ(handler->kind, Kind::handler_entry);
  EXPECT_EQ(handler->at_ns, 500);
  EXPECT_EQ(handler->other, 18);
  const auto waking = read(event_of(11, {7, 80}));
  ASSERT_TRUE(waking);
  EXPECT_EQ(std::tuple(waking->kind, waking->task, waking->other), std::tuple(Kind::waking, 7, 80));
}

// S sleeps in a call that a signal ends; D, and preempted or running, do not.
TEST(TraceEvents, TellWhoFallsAsleep) {
  EXPECT_TRUE(read(event_of(12, {7, 80, 0x1}))->falls_asleep);
  for (const std::int32_t state : {0x0, 0x2, 0x100})
    EXPECT_FALSE(read(event_of(12, {7, 80, state}))->falls_asleep);
}

TEST(TraceEvents, ThatReadAPinAreNotOnesThatSetIt) {
  EXPECT_EQ(read(event_of(13, {7, 3, 0, 1}))->kind, Kind::pin_set);
  EXPECT_FALSE(read(event_of(13, {7, 3, 1, 1})));
}

TEST(TraceEvents, OfOtherKindsAndCutOffOnesAreNone) {
  EXPECT_FALSE(read(event_of(14, {7, 3, 0, 1})));
  const std::string whole = event_of(12, {7, 80, 1});
  for (std::size_t size = 0; size < whole.size(); ++size) EXPECT_FALSE(read(whole.substr(0, size))) << size;
}

// A name may fill its field, which has no end of its own then.
TEST(TraceEvents, NameBothTasksOfASwitch) {
  std::map<std::int32_t, std::string> names;
  std::string bytes = event_of(12, {7, 80, 1, 7}) + std::string("swapper\0", 8) + "irq/18-s";
  const auto events = TraceEvents::of(texts());
  events->add_names({500, bytes}, &names);
  EXPECT_EQ(names, (std::map<std::int32_t, std::string>{{7, "swapper"}, {80, "irq/18-s"}}));
  names.clear();
  events->add_names({500, event_of(11, {7, 80, 1, 7})}, &names);
  events->add_names({500, std::string_view(bytes).substr(0, 20)}, &names);
  EXPECT_TRUE(names.empty());
}

TEST(TraceEvents, NeedEachField) {
  ASSERT_TRUE(TraceEvents::of(texts()));
  for (const auto text :
       {&TraceTexts::handler_entry, &TraceTexts::waking, &TraceTexts::switched, &TraceTexts::gpio_value}) {
    TraceTexts lacking = texts();
    lacking.*text = format_of(9, {"another"});
    EXPECT_FALSE(TraceEvents::of(lacking));
    lacking.*text = "";
    EXPECT_FALSE(TraceEvents::of(lacking));
  }
}

}  // namespace
}  // namespace loopgate::trace_events_test
