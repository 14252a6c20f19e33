#include "explain/sample/moments.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

namespace loopgate {
namespace {

bool is_in(const Span& span, std::initializer_list<Phase> phases) {
  return span.end_ns > span.begin_ns && std::ranges::find(phases, span.phase) != phases.end();
}

const Span* first_in(const ExplainedSample& sample, std::initializer_list<Phase> phases) {
  const auto found =
      std::ranges::find_if(sample.spans, [&](const Span& span) { return is_in(span, phases); });
  return found == sample.spans.end() ? nullptr : &*found;
}

// The end of the last of them; where there is none, what came before.
std::int64_t end_of(const ExplainedSample& sample, std::initializer_list<Phase> phases,
                    std::int64_t before_ns) {
  for (const Span& span : sample.spans)
    if (is_in(span, phases)) before_ns = std::max(before_ns, span.end_ns);
  return before_ns;
}

}  // namespace

SampleMoments moments_of(const ExplainedSample& sample) {
  SampleMoments moments;
  moments.sample = sample.sample;
  moments.stimulus_ns = sample.stimulus_ns;
  moments.latency_ns = sample.latency_ns;
  moments.taken_ns = end_of(sample, {Phase::irqs_disabled}, 0);
  moments.woken_ns = end_of(sample, {Phase::hardirq}, moments.taken_ns);
  moments.payload_woken_ns = end_of(sample, {Phase::irq_thread_wakeup, Phase::irq_thread}, moments.woken_ns);
  const Span* thread = first_in(sample, {Phase::irq_thread});
  const Span* payload = first_in(sample, {Phase::payload, Phase::system_calls});
  moments.thread_ns = thread != nullptr ? thread->begin_ns : moments.payload_woken_ns;
  moments.payload_ns = payload != nullptr ? payload->begin_ns : moments.latency_ns;
  if (thread != nullptr) moments.thread_pid = sample.tasks[thread->task].pid;
  if (payload != nullptr) moments.payload_pid = sample.tasks[payload->task].pid;
  return moments;
}

}  // namespace loopgate
