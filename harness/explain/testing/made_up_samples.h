// Samples put together by hand, for tests of what is made of a trace.
#pragma once

#include <gtest/gtest.h>

#include "explain/testing/made_up_trace.h"
#include "explain/time_attributor.h"

namespace loopgate::testing {

inline const ExplainArch* const arch = *explain_arch("arm64");

inline constexpr std::uint64_t function(unsigned number) { return kernel + 0x1000 * std::uint64_t{number}; }

inline Symbols symbols() {
  return *Symbols::of_kernel(
      kallsyms({"masked_work", "handler", "thread_work", "payload_kernel", "other_work", "leaf"}));
}

inline const TraceTask other = task(1, 10, "stress-ng-vm");
inline const TraceTask irq_thread = task(2, 20, "irq/18-stimulus", 1, 49);
inline const TraceTask payload = task(3, 30, "responder", 1, 19);

// Interrupts disabled for 100 ns, 20 of hardirq, 300 in which another task runs, 40 of irq thread, 10 until
// the payload runs, 7 in user space, 5 in its system call.
inline MadeUpTrace sample() {
  MadeUpTrace trace(1'000);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 100)
      .note(TraceKind::vector, {function(0) + 400, 1})
      .block(vectors + 0x280, 12, call)
      .block(function(1), 8, return_from)
      .note(TraceKind::woken, words_of(irq_thread))
      .block(vectors + 0x280 + 48, 50, exception_return)
      .block(function(4), 200, call)
      .block(function(5), 50)
      .note(TraceKind::switched, words_of(other, irq_thread))
      .note(TraceKind::stack, {function(2), 0})
      .block(function(2), 40)
      .note(TraceKind::woken, words_of(payload))
      .block(function(2) + 160, 10)
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {function(3), 0})
      .block(0x400000, 7, 0xd4000001)
      .note(TraceKind::system_call, {64})
      .note(TraceKind::vector, {0x400000 + 28, 0})
      .block(vectors + 0x400, 5);
  trace.answer();
  return trace;
}

inline ExplainedSample explained(const MadeUpTrace& trace, Symbols names = symbols()) {
  auto result = attribute_time(trace.sample, trace.blocks, &names, {arch, false});
  EXPECT_TRUE(result) << result.error().what;
  return result.value_or(ExplainedSample{});
}

}  // namespace loopgate::testing
