#include "analysis/section_summary.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "analysis/section_files.h"
#include "analysis/section_places.h"
#include "analysis/section_text.h"
#include "analysis/testing/section_bytes.h"

namespace loopgate::section_summary_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

SectionSummary summary_of(SectionBytes file, int cpus = 1) {
  auto symbols = Symbols::of_kernel(section_kallsyms);
  return summarize(*read_sections(file.bytes()), cpus, &*symbols);
}

CellSections cell_of(SectionSummary summary) {
  return {"generic.mixed", "generic", "mixed", "0123456789abcdef0123", true, 1.5, std::move(summary)};
}

TEST(SectionSummary, SumsUpByKindAndNamesWhoHeldIt) {
  const SectionSummary summary = summary_of(three_windows());
  ASSERT_EQ(summary.kinds.size(), told_kinds.size() - 1) << "no locks are followed";
  const KindOfSection& interrupts = summary.kinds[0];
  EXPECT_EQ(interrupts.count, 2U);
  EXPECT_EQ(interrupts.total_ns, 120);
  EXPECT_EQ(interrupts.p50_ns, 50);
  EXPECT_EQ(interrupts.max_ns, 70);
  ASSERT_EQ(interrupts.holders.size(), 1U);
  EXPECT_EQ(interrupts.holders[0].opened.function, "lock_user");
  EXPECT_EQ(interrupts.holders[0].opened.through, "_raw_spin_lock_irqsave");
  EXPECT_EQ(interrupts.longest[0].task, "idle task");
  EXPECT_EQ(interrupts.longest[0].length_ns, 70) << "by falling length";
  const KindOfSection& preemption = summary.kinds[1];
  EXPECT_EQ(preemption.longest[0].length_ns, 300'008);
  EXPECT_EQ(preemption.longest[0].opened.function, "planted_hold");
  EXPECT_EQ(preemption.longest[0].opened.through, "");
  EXPECT_THAT(preemption.longest[0].chain, ElementsAre("planted_hold", "kthread"));
  EXPECT_EQ(summary.kinds[2].count, 0U);
  EXPECT_EQ(summary.recorded_ns, 999'000);
}

TEST(SectionSummary, QuantilesAreNearestRankAndExceedanceFallsToTheLongest) {
  SectionBytes file = three_windows();
  file.windows.clear();
  file.chains.clear();
  for (std::uint32_t i = 1; i <= 1000; ++i)
    file.windows.push_back({2'000 + std::int64_t{i} * 2'000, i, 0, 0, 0});
  file.end.end_ns = 10'000'000;
  const KindOfSection kind = summary_of(file).kinds[0];
  EXPECT_EQ(kind.p50_ns, 500);
  EXPECT_EQ(kind.p99_ns, 990);
  EXPECT_EQ(kind.p99_9_ns, 999);
  ASSERT_FALSE(kind.exceedance.empty());
  EXPECT_EQ(kind.exceedance.back(), (std::pair<std::int64_t, std::uint64_t>(1000, 1)));
  for (const auto& [ns, count] : kind.exceedance) EXPECT_EQ(count, 1001 - static_cast<std::uint64_t>(ns));
  EXPECT_EQ(kind.longest.size(), 10U);
}

TEST(SectionSummary, TheCallerIsNamedWhereALockActsForIt) {
  for (const char* name : {"_raw_spin_lock_irqsave", "rt_spin_unlock", "__local_bh_enable_ip", "__schedule"})
    EXPECT_TRUE(acts_for_caller(name)) << name;
  for (const char* name : {"free_unref_folios", "do_idle", "schedule_timeout", "vectors"})
    EXPECT_FALSE(acts_for_caller(name)) << name;
  auto symbols = Symbols::of_kernel(section_kallsyms);
  // It has called something: the register leads back into the lock's own function.
  const PlaceName own = place_name({0xffff800080001010, 0xffff800080001020}, &*symbols);
  EXPECT_EQ(own.function, "_raw_spin_lock_irqsave");
  EXPECT_EQ(own.through, "");
  EXPECT_EQ(function_name(0x0000'7fff'0000'1000, &*symbols), "user space");
}

TEST(SectionSummary, CpusAreToldApart) {
  SectionBytes file = three_windows();
  file.windows[1].cpu = 1;
  file.windows[2].cpu = 1;
  const CellSections cell = cell_of(summary_of(file, 2));
  const auto& kinds = cell.summary.kinds;
  ASSERT_EQ(kinds.size(), 2 * (told_kinds.size() - 1));
  EXPECT_EQ(name_of(kinds[0]), "interrupts off, CPU 0");
  EXPECT_EQ(kinds[0].count, 1U);
  EXPECT_EQ(name_of(kinds[1]), "interrupts off, CPU 1");
  EXPECT_EQ(kinds[1].count, 1U);
  EXPECT_EQ(kinds[2].count, 0U) << "preemption off on CPU 0";
  EXPECT_EQ(kinds[3].longest[0].length_ns, 300'008);
  EXPECT_THAT(to_text({cell}), HasSubstr("preemption off, CPU 1, the longest:"));
  EXPECT_EQ(to_json({cell})["cells"][0]["kinds"][3]["cpu"], 1);
  EXPECT_THAT(to_csv({cell}), HasSubstr("preemption off,1,planted_hold,"));
  EXPECT_THAT(to_folded({cell}), HasSubstr(";preemption off, CPU 1;planted_hold;"));
}

TEST(SectionSummary, AWaitForALockIsToldWithItsHolder) {
  const CellSections cell = cell_of(summary_of(with_lock_wait()));
  ASSERT_EQ(cell.summary.kinds.size(), told_kinds.size());
  const KindOfSection& waits = cell.summary.kinds.back();
  EXPECT_EQ(waits.kind, SectionKind::lock_wait);
  EXPECT_EQ(waits.count, 1U) << "its holder's is none";
  EXPECT_EQ(waits.max_ns, 14'100);
  const LongSection& longest = waits.longest[0];
  EXPECT_EQ(longest.task, "responder");
  EXPECT_EQ(longest.opened.function, "do_wait_intr");
  EXPECT_EQ(longest.opened.through, "rt_spin_lock");
  EXPECT_EQ(longest.closed.function, "crng_make_state");
  EXPECT_EQ(longest.holder, "stress-ng-getra");
  EXPECT_EQ(longest.holder_pid, 301U);
  EXPECT_THAT(longest.chain, ElementsAre("rt_spin_lock", "do_wait_intr"));
  EXPECT_THAT(to_text({cell}),
              HasSubstr("14.1 us  responder (pid 40): do_wait_intr (rt_spin_lock), taken in crng_make_state "
                        "(rt_spin_lock) by stress-ng-getra (pid 301)\n"));
  const auto kinds = to_json({cell})["cells"][0]["kinds"];
  EXPECT_EQ(kinds.back()["kind"], "lock wait");
  EXPECT_EQ(kinds.back()["longest"][0]["holder"], "stress-ng-getra");
  EXPECT_EQ(kinds.back()["longest"][0]["holder_pid"], 301);
  EXPECT_FALSE(kinds[1]["longest"][0].contains("holder"));
  EXPECT_THAT(
      to_csv({cell}),
      HasSubstr("lock wait,0,do_wait_intr,rt_spin_lock,crng_make_state,rt_spin_lock,1,14100,14100\n"));
  EXPECT_THAT(to_folded({cell}),
              HasSubstr(";lock wait;do_wait_intr (rt_spin_lock);crng_make_state (rt_spin_lock) 14100\n"));
}

TEST(SectionSummary, AHolderThatWasNotSeenHasNoName) {
  SectionBytes file = with_lock_wait();
  file.tasks[3] = {};
  file.places[2].closed = file.places[3].closed = {};
  const CellSections cell = cell_of(summary_of(file));
  EXPECT_EQ(cell.summary.kinds.back().longest[0].holder, "");
  EXPECT_THAT(to_text({cell}),
              HasSubstr("do_wait_intr (rt_spin_lock), taken in a place that was not seen, by "
                        "a task that is not known\n"));
  EXPECT_THAT(to_folded({cell}), HasSubstr(";lock wait;do_wait_intr (rt_spin_lock);not seen 14100\n"));
}

TEST(SectionFiles, SayTheSameAsTheSummary) {
  const std::vector<CellSections> cells = {cell_of(summary_of(three_windows()))};
  const auto document = to_json(cells);
  EXPECT_EQ(document["time_base"], "virtual");
  EXPECT_EQ(document["cells"][0]["kinds"][1]["longest"][0]["length_ns"], 300'008);
  EXPECT_EQ(to_csv(cells),
            "cell,kernel,load,kind,cpu,opened,opened_through,closed,closed_through,count,total_ns,max_ns\n"
            "generic.mixed,generic,mixed,interrupts "
            "off,0,lock_user,_raw_spin_lock_irqsave,lock_user,_raw_spin_unlock_irqrestore,2,120,70\n"
            "generic.mixed,generic,mixed,preemption off,0,planted_hold,,planted_hold,,1,300008,300008\n");
  EXPECT_THAT(to_folded(cells),
              HasSubstr("generic.mixed;interrupts off;lock_user (_raw_spin_lock_irqsave);lock_user "
                        "(_raw_spin_unlock_irqrestore) 120\n"));
}

TEST(SectionText, NamesTheLongestAndSaysWhereThereAreFew) {
  const std::string text = to_text({cell_of(summary_of(three_windows()))});
  EXPECT_THAT(text, HasSubstr("virtual time"));
  EXPECT_THAT(text, HasSubstr("300.0 us  planted (pid 77): planted_hold"));
  EXPECT_THAT(text, HasSubstr("< planted_hold < kthread"));
  EXPECT_THAT(text, HasSubstr("interrupts off: fewer than 100,000 windows"));
  EXPECT_THAT(text, Not(HasSubstr("softirqs off: fewer")));
}

}  // namespace
}  // namespace loopgate::section_summary_test
