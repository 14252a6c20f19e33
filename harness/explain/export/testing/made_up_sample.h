// A sample of 200,000,500 ns: a task computes, an interrupt on its stack wakes a thread, the thread wakes the
// payload, and the payload answers.
#pragma once

#include "explain/sample/explained_sample.h"

namespace loopgate::testing {

inline constexpr std::int64_t made_up_stimulus_ns = 5'000'000'123;

inline TaskEvent event(TaskEvent::Kind kind, std::int64_t at_ns, std::uint32_t task, std::uint32_t other = 0,
                       std::int64_t value = 0, std::int64_t result = 0, std::string name = {}) {
  return {at_ns, kind, task, other, value, result, std::move(name)};
}

inline ExplainedSample made_up_sample() {
  ExplainedSample sample;
  sample.cell = "generic.mixed";
  sample.sample = 4711;
  sample.stimulus_ns = made_up_stimulus_ns;
  sample.latency_ns = 200'000'500;
  sample.why = "because of \"vli_mult\"";
  sample.tasks = {{45, 45, "cryptomgr_test", "SCHED_OTHER", 0},
                  {80, 80, "irq/23-responde", "SCHED_FIFO", 50},
                  {99, 98, "responder", "SCHED_FIFO", 80}};
  sample.functions = {"ecc_point_mult", "vli_mult", "el1h_64_irq", "gic_handle_irq",
                      "irq_thread",     "main",     "el0t_64_sync"};
  // 1: ecc_point_mult, 2: and vli_mult, 3: and el1h_64_irq on them, 4: and gic_handle_irq
  sample.chains = {{}, {0, 0}, {1, 1}, {2, 2}, {3, 3}, {0, 4}, {0, 5}, {6, 6}};
  sample.spans = {{0, 100, Phase::irqs_disabled, 0, 1, false},
                  {100, 200'000'000, Phase::irqs_disabled, 0, 2, false},
                  {200'000'000, 200'000'100, Phase::hardirq, 0, 3, true},
                  {200'000'100, 200'000'200, Phase::hardirq, 0, 4, true},
                  {200'000'200, 200'000'300, Phase::irq_thread_wakeup, 0, 2, false},
                  {200'000'300, 200'000'400, Phase::irq_thread, 1, 5, false},
                  {200'000'400, 200'000'450, Phase::payload, 2, 6, false},
                  {200'000'450, 200'000'500, Phase::system_calls, 2, 7, false}};
  sample.phase_ns = {200'000'000, 200, 100, 100, 0, 50, 50};
  using Kind = TaskEvent::Kind;
  sample.events = {event(Kind::irq_entry, 200'000'100, 0, 0, 23, 0, "pl061"),
                   event(Kind::sched_wakeup, 200'000'150, 0, 1),
                   event(Kind::irq_exit, 200'000'200, 0, 0, 23),
                   event(Kind::sched_switch, 200'000'300, 0, 1, 0, 0),
                   event(Kind::sched_wakeup, 200'000'350, 1, 2),
                   event(Kind::sched_switch, 200'000'400, 1, 2, 0, 1),
                   event(Kind::sys_exit, 200'000'405, 2, 0, 63, 48),
                   event(Kind::sys_enter, 200'000'450, 2, 0, 29, 0, "ioctl")};
  return sample;
}

// The same, where the payload is on CPU 3 and all before it on CPU 1.
inline ExplainedSample made_up_sample_of_two_cpus() {
  ExplainedSample sample = made_up_sample();
  for (Span& span : sample.spans) span.cpu = span.task == 2 ? 3 : 1;
  for (TaskEvent& event : sample.events) event.cpu = event.task == 2 ? 3 : 1;
  sample.events[5].cpu = 3;  // the switch to the payload
  return sample;
}

}  // namespace loopgate::testing
