#include "qemu/plugin/section_windows.h"

#include <gmock/gmock.h>

namespace loopgate::section_windows_test {
namespace {

constexpr auto irqs = SectionKind::interrupts_off;
constexpr auto preemption = SectionKind::preemption_off;

SectionMoment at(std::int64_t ns, std::uint64_t address = 0x10, std::uint32_t task = 7) {
  return {ns, {address, address + 1}, task};
}

TEST(SectionWindows, AWindowGoesFromOneChangeToTheOther) {
  SectionWindows windows;
  windows.set(irqs, true, at(100, 0x10));
  windows.set(irqs, true, at(120, 0x20)) /* masked again: still the same window */;
  windows.set(irqs, false, at(150, 0x30, 8));
  ASSERT_EQ(windows.closed().size(), 1U);
  const ClosedSection& section = windows.closed()[0];
  EXPECT_EQ(section.kind, irqs);
  EXPECT_EQ(section.begin_ns, 100);
  EXPECT_EQ(section.end_ns, 150);
  EXPECT_EQ(section.opened.address, 0x10U);
  EXPECT_EQ(section.closed.address, 0x30U);
  EXPECT_EQ(section.task, 7U) << "whose CPU it was as it began";
  windows.clear();
  windows.set(irqs, false, at(160));
  EXPECT_TRUE(windows.closed().empty());
}

TEST(SectionWindows, OneOfNoLengthIsNone) {
  SectionWindows windows;
  windows.set(irqs, true, at(100));
  windows.set(irqs, false, at(100));
  EXPECT_TRUE(windows.closed().empty());
  EXPECT_FALSE(windows.is_open(irqs));
}

TEST(SectionWindows, KindsKnowNothingOfEachOther) {
  SectionWindows windows;
  windows.set(irqs, true, at(100));
  windows.set(preemption, true, at(110));
  windows.set(irqs, false, at(120));
  EXPECT_TRUE(windows.is_open(preemption));
  EXPECT_EQ(windows.open_since_ns(preemption), 110);
}

TEST(SectionWindows, AnOpportunityEndsOneAndBeginsTheNext) {
  SectionWindows windows;
  windows.split(preemption, at(50)) /* nothing is open */;
  windows.set(preemption, true, at(100));
  windows.split(preemption, at(130, 0x99));
  windows.set(preemption, false, at(135));
  ASSERT_EQ(windows.closed().size(), 2U);
  EXPECT_EQ(windows.closed()[0].end_ns, 130);
  EXPECT_EQ(windows.closed()[1].begin_ns, 130);
  EXPECT_EQ(windows.closed()[1].opened.address, 0x99U);
}

TEST(SectionWindows, WaitingForAnInterruptIsInNone) {
  SectionWindows windows;
  windows.set(irqs, true, at(100));
  windows.slept(120, at(5000, 0x77));
  windows.set(irqs, false, at(5030));
  ASSERT_EQ(windows.closed().size(), 2U);
  EXPECT_EQ(windows.closed()[0].end_ns, 120);
  EXPECT_EQ(windows.closed()[1].begin_ns, 5000);
  EXPECT_EQ(windows.closed()[1].end_ns, 5030);
}

}  // namespace
}  // namespace loopgate::section_windows_test
