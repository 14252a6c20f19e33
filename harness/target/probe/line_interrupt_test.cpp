#include "target/probe/line_interrupt.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace loopgate {
namespace {

using ::testing::Eq;
using ::testing::Optional;

constexpr std::string_view interrupts =
    "           CPU0       CPU1       \n"
    " 11:      26035          0     GICv3  27 Level     arch_timer\n"
    " 18:         12          3  9030000.pl061   0 Edge      stimulus\n"
    "119:          0          0  9030000.pl061   1 Edge      other-stimulus\n"
    "IPI0:         0          0       Rescheduling interrupts\n"
    "Err:          0\n";

TEST(LineInterrupt, IsTheRowOfItsHandler) {
  EXPECT_THAT(irq_named(interrupts, "stimulus"), Optional(18));
  EXPECT_THAT(irq_named(interrupts, "other-stimulus"), Optional(119));
  EXPECT_THAT(irq_named(interrupts, "arch_timer"), Optional(11));
}

TEST(LineInterrupt, IsNoneWhereNoRowOrSeveralHaveTheName) {
  EXPECT_EQ(irq_named(interrupts, "response"), std::nullopt);
  EXPECT_EQ(irq_named("", "stimulus"), std::nullopt);
  EXPECT_EQ(irq_named("IPI0: 0 stimulus\n stimulus\n\n", "stimulus"), std::nullopt);
  EXPECT_EQ(irq_named(std::string(interrupts) + " 20: 0 gpio 4 Edge stimulus\n", "stimulus"), std::nullopt);
}

TEST(LineInterrupt, HasTheThreadOfItsNumber) {
  const std::filesystem::path proc =
      std::filesystem::temp_directory_path() / ("probe-proc-" + std::to_string(::getpid()));
  for (const auto& [pid, name] :
       {std::pair{"81", "irq/1-other"}, {"83", "irq/18-stimulus"}, {"84", "irq/180-sti"}}) {
    std::filesystem::create_directories(proc / pid);
    std::ofstream(proc / pid / "comm") << name << "\n";
  }
  std::filesystem::create_directories(proc / "self");
  EXPECT_THAT(irq_thread(18, proc), Optional(83));
  EXPECT_THAT(irq_thread(1, proc), Optional(81));
  EXPECT_EQ(irq_thread(8, proc), std::nullopt);
  std::filesystem::remove_all(proc);
  EXPECT_EQ(irq_thread(18, proc), std::nullopt);
}

}  // namespace
}  // namespace loopgate
