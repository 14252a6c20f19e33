#include "target/probe/tracefs.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/testing/temp_folder.h"

namespace loopgate::tracefs_test {
namespace {

using Kind = TraceRefusal::Kind;

constexpr const char* page_format =
    "\tfield: u64 timestamp;\toffset:0;\tsize:8;\tsigned:0;\n"
    "\tfield: local_t commit;\toffset:8;\tsize:8;\tsigned:1;\n"
    "\tfield: char data;\toffset:16;\tsize:4080;\tsigned:1;\n";

// A tracefs as far as it is looked at before an instance is made.
class Tracefs : public ::testing::Test {
 protected:
  Tracefs() {
    std::filesystem::create_directories(folder_.path() / "instances");
    write("events/header_page", page_format);
    write("events/header_event", "type_len : 5 bits\n");
    for (const char* event :
         {"irq/irq_handler_entry", "irq/irq_handler_exit", "irq/softirq_entry", "irq/softirq_exit",
          "sched/sched_waking", "sched/sched_switch", "gpio/gpio_value"})
      write(std::string("events/") + event + "/format", "name: e\nID: 1\n");
  }
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    folder_.write(name, text);
  }
  TraceRefusal refusal() const {
    const auto session = TraceSession::start(64, folder_.path().string());
    return session ? TraceRefusal{Kind::refused, "nothing"} : session.error();
  }

  TempFolder folder_;
};

TEST_F(Tracefs, WithoutEventsIsNone) {
  std::filesystem::remove_all(folder_.path() / "events");
  EXPECT_EQ(refusal().kind, Kind::no_tracefs);
}

TEST_F(Tracefs, ThatLacksAnEventNamesIt) {
  std::filesystem::remove_all(folder_.path() / "events/gpio");
  EXPECT_EQ(refusal().kind, Kind::no_event);
  EXPECT_EQ(refusal().what, "gpio:gpio_value");
}

TEST_F(Tracefs, OfOtherPagesIsNotRead) {
  write("events/header_page", "\tfield: local_t commit;\toffset:8;\tsize:4;\tsigned:1;\n");
  EXPECT_EQ(refusal().kind, Kind::other_pages);
}

// No kernel makes the files here: the first one that is set is named, and the instance is gone again.
TEST_F(Tracefs, ThatTakesNoSettingIsRefusedAndLeftAsItWas) {
  const TraceRefusal refused = refusal();
  EXPECT_EQ(refused.kind, Kind::refused);
  EXPECT_EQ(refused.what, "tracing_on");
  EXPECT_FALSE(std::filesystem::exists(folder_.path() / "instances/loopgate"));
}

TEST(LostEvents, AreThoseOverwrittenAndThoseWithoutRoom) {
  EXPECT_EQ(lost_events("entries: 129\noverrun: 12\ncommit overrun: 3\nbytes: 9000\noldest event ts: 1.5\n"
                        "now ts: 2.5\ndropped events: 4\nread events: 77\n"),
            19U);
  EXPECT_EQ(lost_events(""), 0U);
}

}  // namespace
}  // namespace loopgate::tracefs_test
