#include "qemu/qemu_fault.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::qemu_fault_test {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class QemuFault : public ::testing::Test {
 protected:
  std::filesystem::path console(const std::string& log) const { return folder_.write("console.log", log); }
  Error silent(AgentState awaited, const std::string& log = "") const {
    InstrumentEvent event;
    event.awaited = awaited;
    event.virtual_ns = 60'000'000'000;
    return why_silent(event, console(log));
  }

  TempFolder folder_;
};

constexpr const char* panic = "[    1.0] Kernel panic - not syncing: Attempted to kill init!\r\n";

TEST_F(QemuFault, OfAQemuThatFailsIsTheBenchs) {
  const Error killed = why_ended({0, 9, ""}, console(panic));
  EXPECT_EQ(killed.kind, ErrorKind::infrastructure);
  EXPECT_THAT(killed.what, StartsWith("QEMU was killed by signal 9"));
  const Error refused = why_ended({1, 0, "no such machine"}, console(""));
  EXPECT_EQ(refused.kind, ErrorKind::infrastructure);
  EXPECT_EQ(refused.what, "QEMU ended with status 1: no such machine");
}

// It ends with status 0 then.
TEST_F(QemuFault, OfAQemuThatWasAskedToEndIsTheBenchs) {
  const QemuEnded asked{0, 0, "qemu-system-aarch64: terminating on signal 2 from pid 17 (bash)"};
  EXPECT_EQ(why_ended(asked, console("")).kind, ErrorKind::infrastructure);
  EXPECT_THAT(why_ended(asked, console("")).what, StartsWith("QEMU was killed by signal 2 (Interrupt)"));
  EXPECT_EQ(why_ended(asked, console(panic)).kind, ErrorKind::kernel) << "it had failed before";
}

TEST_F(QemuFault, OfAGuestThatEndsIsTheKernelsUnlessTheAgentSaysWhy) {
  EXPECT_EQ(why_ended({}, console(panic)).kind, ErrorKind::kernel);
  EXPECT_THAT(why_ended({}, console(panic)).what, HasSubstr("panicked"));
  EXPECT_EQ(why_ended({}, console("")).kind, ErrorKind::kernel);
  EXPECT_EQ(why_ended({}, console("")).what, "the guest shut itself down or restarted");
  const Error agent = why_ended({}, console("loopgate: cannot go on: no shared memory\r\n"));
  EXPECT_EQ(agent.kind, ErrorKind::infrastructure);
  EXPECT_EQ(agent.what, "the agent could not begin: no shared memory");
}

TEST_F(QemuFault, OfSilenceIsTheKernelsAndSaysWhen) {
  EXPECT_EQ(silent(AgentState::booted).what,
            "the kernel did not boot: the agent was not heard of within 60.000 virtual s");
  EXPECT_THAT(silent(AgentState::ready).what, StartsWith("the kernel hung before measuring"));
  EXPECT_THAT(silent(AgentState::reported).what, StartsWith("the kernel hung while measuring"));
  EXPECT_THAT(silent(AgentState::reported, panic).what, HasSubstr("panicked"));
  EXPECT_EQ(silent(AgentState::reported).kind, ErrorKind::kernel);
}

}  // namespace
}  // namespace loopgate::qemu_fault_test
