#include "target/loopback/schedule.h"

#include <algorithm>
#include <limits>

namespace loopgate {
namespace {

// Before a stimulus falls due: enough to read a response, lower the pin and do the book-keeping of the
// stimulus before, even where the program has to be woken up first.
constexpr std::int64_t lead_ns = 100'000;

// From the start of the schedule: no stimulus falls due before the loop runs.
constexpr std::int64_t head_start_ns = 1'000'000;

constexpr std::size_t edges_kept = 1024;

constexpr std::int64_t never_ns = std::numeric_limits<std::int64_t>::max();

}  // namespace

Schedule::Schedule(const PulseSettings& pulses, std::uint32_t first_index, LoopbackPins* pins,
                   HandedRing* ring, const std::atomic<bool>* writer_failed)
    : pins_(pins),
      ring_(ring),
      writer_failed_(writer_failed),
      first_index_(first_index),
      pulses_(pulses),
      train_(pulses) {
  stamps_ns_.reserve(edges_kept);
  finished_.reserve(edges_kept);
}

std::string Schedule::run() { return pulses_.back_to_back ? run_back_to_back() : run_open(); }

std::string Schedule::run_open() {
  const std::int64_t start_ns = pins_->now_ns() + head_start_ns;
  train_.start(start_ns);
  DueTimes due_times(pulses_, start_ns);
  for (auto due_ns = due_times.next(); due_ns;) {
    if (!get_ready(*due_ns)) return problem_;
    const auto next_ns = due_times.next();  // now, so that after the stimulus there is nothing but sleep
    pins_->sleep_until(std::max(*due_ns, next_edge_ns()));
    const Step step = wait_while_pending(*due_ns);
    if (step == Step::broken || (step == Step::go_on && !stimulate())) return problem_;
    due_ns = next_ns;
  }
  return end();
}

// Each due time is the train's own once the response before it is known.
std::string Schedule::run_back_to_back() {
  train_.start(pins_->now_ns() + head_start_ns);
  for (auto due_ns = train_.next_due_ns(); due_ns; due_ns = train_.next_due_ns()) {
    if (!get_ready(*due_ns)) return problem_;
    pins_->sleep_until(*due_ns);
    if (!stimulate() || !watch(never_ns)) return problem_;
  }
  return end();
}

std::string Schedule::end() {
  note_stimulus();
  if (watches() && !watch(never_ns)) return problem_;
  const Step last = wait_while_pending(abandon_at_ns_);
  if (last != Step::broken && high_ && !pins_->set_stimulus(false)) broken(pins_->problem());
  return problem_;
}

// Everything of the stimulus before that had time until now.
bool Schedule::get_ready(std::int64_t due_ns) {
  if (watches() && !watch(due_ns - lead_ns)) return false;
  pins_->sleep_until(due_ns - lead_ns);
  if (pins_->told_to_stop()) return broken("it was told to stop before the last stimulus");
  if (writer_failed_->load(std::memory_order_relaxed)) return broken("the samples could not be written");
  note_stimulus();
  if (!take_responses()) return false;
  if (!high_ || train_.pending()) return true;
  high_ = false;
  return pins_->set_stimulus(false) || broken(pins_->problem());
}

// A response whose stamp nobody has read yet may have come before the stimulus fell due, so only its stamp
// tells whether the pin was free then. Nothing is sent until that is known.
Schedule::Step Schedule::wait_while_pending(std::int64_t due_ns) {
  while (train_.pending()) {
    if (!take_responses()) return Step::broken;
    if (!train_.pending()) break;
    if (pins_->told_to_stop()) {
      broken("it was told to stop before the last stimulus");
      return Step::broken;
    }
    if (pins_->now_ns() >= abandon_at_ns_) {
      give_up_until(abandon_at_ns_);
      if (!hand_over()) return Step::broken;
    } else if (!pins_->wait_for_response(abandon_at_ns_)) {
      broken(pins_->problem());
      return Step::broken;
    }
  }
  const auto next_ns = train_.next_due_ns();
  return next_ns && *next_ns == due_ns ? Step::go_on : Step::skip;
}

bool Schedule::stimulate() {
  if (high_ && !pins_->set_stimulus(false)) return broken(pins_->problem());
  before_ns_ = pins_->now_ns();
  const bool set = pins_->set_stimulus(true);
  after_ns_ = pins_->now_ns();
  high_ = true;
  noted_ = false;
  edge_ns_ = before_ns_;
  frames_left_ = pulses_.frames - 1;
  return set || broken(pins_->problem());
}

void Schedule::note_stimulus() {
  if (noted_) return;
  noted_ = true;
  abandon_at_ns_ = train_.due(before_ns_).abandon_at_ns.value_or(before_ns_);
}

// Until the pending stimulus is over, or the time has come; but a scene's other frames come in any case, so
// that the payload's numbers of them stay in step.
bool Schedule::watch(std::int64_t until_ns) {
  note_stimulus();
  while (frames_left_ > 0 || train_.pending()) {
    const std::int64_t now_ns = pins_->now_ns();
    if (pins_->told_to_stop() || (frames_left_ == 0 && now_ns >= until_ns)) return true;
    if (frames_left_ > 0 && now_ns >= next_edge_ns()) {
      if (!send_frame()) return false;
      continue;
    }
    if (!pins_->wait_for_response(wakes_at(until_ns))) return broken(pins_->problem());
    if (!take_responses()) return false;
    if (train_.pending() && pins_->now_ns() >= abandon_at_ns_) {
      give_up_until(abandon_at_ns_);
      if (!hand_over()) return false;
    }
  }
  return true;
}

// Of a scene's frame, and of the scene after it: two edges at once, because the first was sent late, would be
// one to a kernel that has not taken the interrupt of the first yet, and all later frames would have wrong
// numbers.
std::int64_t Schedule::next_edge_ns() const {
  return pulses_.frames > 1 ? edge_ns_ + pulses_.frame_interval_ns : 0;
}

// Of one whose frames are all sent.
std::int64_t Schedule::scene_late_ns() const {
  const std::int64_t scene_ns = pulses_.frame_interval_ns * (std::int64_t{pulses_.frames} - 1);
  return frames_left_ > 0 ? 0 : edge_ns_ - before_ns_ - scene_ns;
}

std::int64_t Schedule::wakes_at(std::int64_t until_ns) const {
  const std::int64_t at_ns = frames_left_ > 0 ? next_edge_ns() : until_ns;
  return train_.pending() ? std::min(at_ns, abandon_at_ns_) : at_ns;
}

bool Schedule::send_frame() {
  --frames_left_;
  edge_ns_ = pins_->now_ns();
  return (pins_->set_stimulus(false) && pins_->set_stimulus(true)) || broken(pins_->problem());
}

// The verdict stays until the payload decides anew, which it does for an edge of the stimulus alone. Of
// several responses that came before one could be read, only the last one's verdict still stands: those
// before it were for other frames than the one that waits.
bool Schedule::take_responses() {
  stamps_ns_.clear();
  if (!pins_->take_responses(&stamps_ns_)) return broken(pins_->problem());
  SeenDecision seen;
  if (pulses_.decisions && !stamps_ns_.empty() && !pins_->see_decision(&seen))
    return broken(pins_->problem());
  for (const std::int64_t& stamp_ns : stamps_ns_) {
    const bool last = &stamp_ns == &stamps_ns_.back();
    give_up_until(stamp_ns);
    // Of a stimulus that was given up, and read only after the next one was sent.
    if (train_.pending() && stamp_ns < before_ns_) {
      ++stale_;
    } else {
      train_.response(stamp_ns, last ? seen : SeenDecision{seen.ok, 0});
    }
  }
  return hand_over();
}

// Brings the train to a moment of the past: what fell due before it while a stimulus was pending was not
// sent, and a stimulus that had no response until its limit has none.
void Schedule::give_up_until(std::int64_t ns) {
  if (!train_.pending()) return;
  const std::int64_t end_ns = std::min(ns, abandon_at_ns_);
  for (auto due_ns = train_.next_due_ns(); due_ns && *due_ns < end_ns; due_ns = train_.next_due_ns())
    train_.due(*due_ns);
  if (ns >= abandon_at_ns_) train_.abandon(abandon_at_ns_);
}

bool Schedule::hand_over() {
  finished_.clear();
  train_.take_finished(&finished_);
  for (Sample& sample : finished_) {
    sample.index += first_index_;
    if (!ring_->push({sample, sample.sent() ? after_ns_ : -1, sample.sent() ? scene_late_ns() : 0}))
      return broken("samples came faster than they could be written: the ring of samples is full");
  }
  return true;
}

bool Schedule::broken(std::string why) {
  problem_ = std::move(why);
  return false;
}

}  // namespace loopgate
