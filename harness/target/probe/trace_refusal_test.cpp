#include "target/probe/trace_refusal.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace loopgate::trace_refusal_test {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using Kind = TraceRefusal::Kind;

TEST(TraceRefusal, SaysWhatIsMissingAndHowToGetIt) {
  EXPECT_EQ(
      sentence_of({Kind::no_tracefs, "/sys/kernel/tracing"}),
      "the kernel has no tracefs with events (/sys/kernel/tracing) -> build it with CONFIG_FTRACE=y and "
      "CONFIG_ENABLE_DEFAULT_TRACERS=y, or measure without --probe");
  EXPECT_THAT(
      sentence_of({Kind::no_event, "gpio:gpio_value"}),
      AllOf(StartsWith("the kernel lacks the event gpio:gpio_value -> "), HasSubstr("CONFIG_GPIO_CDEV=y")));
}

TEST(TraceRefusal, TellsWhoRefused) {
  EXPECT_THAT(sentence_of({Kind::refused, "/t", EPERM, "none integrity [confidentiality]"}),
              HasSubstr("locked down (confidentiality), and lets nobody trace it -> boot it without"));
  EXPECT_THAT(sentence_of({Kind::refused, "/t", EACCES, "", false}), HasSubstr("-> run the agent as root"));
  EXPECT_THAT(
      sentence_of({Kind::refused, "trace_clock", EINVAL}),
      AllOf(StartsWith("trace_clock cannot be used (Invalid argument)"), HasSubstr("see the kernel's log")));
}

TEST(TraceRefusal, EachKindHasItsNextStep) {
  for (const Kind kind : {Kind::no_tracefs, Kind::no_event, Kind::other_pages, Kind::in_use, Kind::no_room,
                          Kind::refused, Kind::nothing_comes})
    EXPECT_THAT(sentence_of({kind, "x", EIO}),
                AllOf(HasSubstr(" -> "), EndsWith(", or measure without --probe")));
}

}  // namespace
}  // namespace loopgate::trace_refusal_test
