#include "target/probe/trace_follower.h"

namespace loopgate {

std::optional<std::int64_t> TraceFollower::pending_since_ns() const {
  return stage_ == Stage::idle ? std::nullopt : std::optional(record_.taken_ns);
}

std::optional<ProbeRecord> TraceFollower::take(const TraceEvent& event) {
  switch (event.kind) {
    case TraceEvent::Kind::loss:
      if (stage_ != Stage::idle) ++unfinished_;
      stage_ = Stage::idle;
      taken_ns_ = -1;
      break;
    case TraceEvent::Kind::handler_entry:
      if (event.other == target_.irq) taken_ns_ = event.at_ns;
      break;
    case TraceEvent::Kind::waking:
      if (event.other == target_.thread) return begin(event.at_ns);
      wake_payload(event);
      break;
    case TraceEvent::Kind::switched:
      return switch_tasks(event);
    case TraceEvent::Kind::pin_set:
      answer(event);
      break;
  }
  return std::nullopt;
}

// The line's irq thread is woken by nothing but the line's interrupt. Without the interrupt's own event,
// which was lost, the stimulus is not followed.
std::optional<ProbeRecord> TraceFollower::begin(std::int64_t at_ns) {
  // On PREEMPT_RT it waits for locks on its way, too. A gap would have ended what is followed.
  if (stage_ != Stage::idle && taken_ns_ < 0) return std::nullopt;
  std::optional<ProbeRecord> before;
  if (stage_ == Stage::answers)
    before = finish(at_ns);  // it never slept
  else if (stage_ != Stage::idle)
    ++unfinished_;
  ++stimuli_;
  record_ = {};
  record_.number = stimuli_;
  record_.taken_ns = taken_ns_;
  record_.thread_woken_ns = at_ns;
  stage_ = Stage::thread_woken;
  waiter_ = target_.thread;
  wait_since_ns_ = at_ns;
  if (taken_ns_ < 0) {
    ++unfinished_;
    stage_ = Stage::idle;
  }
  taken_ns_ = -1;
  return before;
}

ProbeRecord TraceFollower::finish(std::int64_t at_ns) {
  record_.set_ns = at_ns;
  stage_ = Stage::idle;
  return record_;
}

void TraceFollower::wake_payload(const TraceEvent& event) {
  if (stage_ != Stage::thread_woken || event.task != target_.thread || !target_.payload.contains(event.other))
    return;
  record_.payload_woken_ns = event.at_ns;
  stage_ = Stage::payload_woken;
  waiter_ = event.other;
  wait_since_ns_ = event.at_ns;
}

void TraceFollower::end_wait(std::int64_t at_ns) {
  if (wait_since_ns_ < 0) return;
  const std::int64_t waited_ns = at_ns - wait_since_ns_;
  wait_since_ns_ = -1;
  if (stage_ == Stage::thread_woken) {
    record_.thread_wait_ns += waited_ns;
  } else if (stage_ == Stage::payload_woken) {
    record_.read_wait_ns += waited_ns;
    record_.read_ns = at_ns;  // no event tells its read(2)
    stage_ = Stage::has_read;
  } else if (stage_ == Stage::has_read) {
    record_.answer_wait_ns += waited_ns;
  } else {
    record_.set_wait_ns += waited_ns;
  }
}

std::optional<ProbeRecord> TraceFollower::switch_tasks(const TraceEvent& event) {
  if (stage_ == Stage::idle) return std::nullopt;
  if (event.other == waiter_) {
    end_wait(event.at_ns);
  } else if (event.task == waiter_) {
    if (stage_ == Stage::answers && event.falls_asleep) return finish(event.at_ns);
    wait_since_ns_ = event.at_ns;
  }
  return std::nullopt;
}

// Another thread of the payload may answer than the one that read.
void TraceFollower::answer(const TraceEvent& event) {
  if (stage_ != Stage::has_read || !target_.payload.contains(event.task)) return;
  record_.answer_ns = event.at_ns;
  stage_ = Stage::answers;
  waiter_ = event.task;
  wait_since_ns_ = -1;
}

}  // namespace loopgate
