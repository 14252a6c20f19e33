// What is particular to a trace of an x86 kernel: instructions of any size, calls that go through what
// mitigations put there, system calls without a vector.
#include <gmock/gmock.h>

#include "explain/sample/breakdown.h"
#include "explain/testing/made_up_samples.h"

namespace loopgate::trace_of_amd64_test {
namespace {

using namespace testing;
using ::testing::ElementsAre;

constexpr std::uint32_t nop = 0x90;
constexpr std::uint32_t call_rel32 = 0xe8;
constexpr std::uint32_t jump = 0xe9;
constexpr std::uint32_t ret = 0xc3;
constexpr std::uint32_t iret = 0xcf48;
constexpr std::uint32_t syscall = 0x050f;
constexpr std::uint64_t program = 0x400000;

Symbols x86_symbols() {
  return *Symbols::of_kernel(kallsyms({"busy", "asm_common_interrupt", "handler", "__switch_to_asm",
                                       "irq_thread", "__x86_indirect_thunk_array", "srso_return_thunk",
                                       "srso_safe_ret", "target", "entry_SYSCALL_64", "pin"}));
}
enum Function : unsigned {
  busy,
  entry,
  handler,
  switching,
  thread,
  thunk,
  safe,
  safe_ret,
  target,
  syscalls,
  pin
};

ExplainedSample explained_x86(const MadeUpTrace& trace) {
  Symbols names = x86_symbols();
  auto result = attribute_time(trace.sample, trace.blocks, &names, {*explain_arch("amd64"), false});
  EXPECT_TRUE(result) << result.error().what;
  return result.value_or(ExplainedSample{});
}

std::vector<std::string> last_stack(const ExplainedSample& sample) {
  return stack_of(sample, sample.spans.back().chain);
}

// An interrupt after 30 ns, 20 of hardirq, 25 until the irq thread runs, 40 of it, 12 until the payload runs,
// 7 in user space, 6 in its system call.
TEST(TraceOfAmd64, ThePhasesAddUp) {
  MadeUpTrace trace(500);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(busy), 0})
      .block_of(function(busy), 100, 30, nop)
      .note(TraceKind::vector, {function(busy) + 100, 1})
      .block_of(function(entry), 40, 8, call_rel32)
      .block_of(function(handler), 30, 12, ret)
      .note(TraceKind::woken, words_of(irq_thread))
      .block_of(function(entry) + 40, 17, 10, iret)
      .block_of(function(busy) + 100, 60, 15, nop)
      .note(TraceKind::switched, words_of(other, irq_thread))
      .note(TraceKind::stack, {function(switching), 0, function(thread) + 8})
      .block_of(function(switching) + 20, 9, 4, ret)
      .block_of(function(thread) + 8, 90, 36, nop)
      .note(TraceKind::woken, words_of(payload))
      .block_of(function(thread) + 98, 40, 12, nop)
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {program, 0})
      .block_of(program, 20, 7, syscall)
      .note(TraceKind::system_call, {16})
      .note(TraceKind::vector, {program + 20, 0})
      .block_of(function(syscalls), 30, 6, call_rel32);
  trace.answer();
  const ExplainedSample seen = explained_x86(trace);
  EXPECT_THAT(seen.phase_ns, ElementsAre(30, 20, 25, 40, 12, 7, 6));
  EXPECT_THAT(last_stack(seen), ElementsAre("0x400000 in responder", "entry_SYSCALL_64"));
  for (const Span& span : seen.spans)
    EXPECT_EQ(span.interrupt, span.begin_ns >= 30 && span.begin_ns < 60) << span.begin_ns;
}

// A task that comes in goes on behind the call in which it went: no function is left over.
TEST(TraceOfAmd64, TheSwitchingFunctionReturnsToWhoCalledIt) {
  MadeUpTrace trace(0);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(switching), 0, function(thread) + 8, function(busy) + 5})
      .block_of(function(switching), 6, 2, call_rel32)
      .block_of(function(switching) + 7, 9, 3, ret)  // a call within it, for the CPU's predictions
      .block_of(function(thread) + 8, 5, 2, ret)
      .block_of(function(busy) + 5, 5, 2, nop);
  trace.answer();
  EXPECT_THAT(last_stack(explained_x86(trace)), ElementsAre("busy"));
}

// `call *%rax` through a retpoline, whose `ret` leads to the target, and the return through SRSO's.
TEST(TraceOfAmd64, WhatPassesOnIsNoCaller) {
  MadeUpTrace trace(0);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(busy), 0})
      .block_of(function(busy), 20, 5, call_rel32)
      .block_of(function(thunk), 5, 1, call_rel32)
      .block_of(function(thunk) + 7, 9, 2, jump)
      .block_of(function(safe), 5, 1, call_rel32)
      .block_of(function(safe_ret), 9, 2, ret)
      .block_of(function(target), 30, 9, jump);
  trace.answer();
  EXPECT_THAT(last_stack(explained_x86(trace)), ElementsAre("busy", "target"));
  trace.block_of(function(safe), 5, 1, call_rel32)
      .block_of(function(safe_ret), 9, 2, ret)
      .block_of(function(busy) + 20, 30, 9, nop);
  trace.answer();
  EXPECT_THAT(last_stack(explained_x86(trace)), ElementsAre("busy"));
}

// The stimulus came while a function returned, by way of SRSO's.
TEST(TraceOfAmd64, WhatPassesOnIsNoCallerAtFirstEither) {
  MadeUpTrace trace(0);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack,
            {function(safe_ret), 0, function(safe) + 5, function(target) + 9, function(busy) + 7})
      .block_of(function(safe_ret), 9, 2, ret)
      .block_of(function(target) + 9, 30, 9, ret)
      .block_of(function(busy) + 7, 30, 9, nop);
  trace.answer();
  const ExplainedSample seen = explained_x86(trace);
  EXPECT_THAT(stack_of(seen, seen.spans.front().chain), ElementsAre("busy", "target", "srso_safe_ret"));
  EXPECT_THAT(last_stack(seen), ElementsAre("busy"));
}

// The call's return address is behind its last byte, not behind four bytes for each instruction.
TEST(TraceOfAmd64, ABlockThatWasBrokenOffCalledNothing) {
  MadeUpTrace trace(0);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(busy), 0})
      .block_of(function(busy), 20, 5, call_rel32)
      .block_of(function(busy) + 9, 11, 2, call_rel32)
      .block_of(function(pin), 6, 3, ret)
      .block_of(function(busy) + 20, 6, 3, nop);
  trace.answer();
  const ExplainedSample seen = explained_x86(trace);
  EXPECT_THAT(last_stack(seen), ElementsAre("busy"));
  std::int64_t in_pin_ns = 0;
  for (const ChainShare& share : chains_of(seen))
    if (share.stack == std::vector<std::string>{"busy", "pin"}) in_pin_ns += share.ns;
  EXPECT_EQ(in_pin_ns, 3);
}

}  // namespace
}  // namespace loopgate::trace_of_amd64_test
