#include "capture/edge_pairing.h"

namespace loopgate {

void EdgePairing::edges(std::int64_t now_ns, bool stimulus_rose, bool response_rose) {
  if (pending_ && now_ns - open_[pending_at_].stimulus_ns > settings_.response_timeout_ns) give_up();
  const bool response_first = response_rose && pending_;
  if (response_first) response(now_ns);
  if (stimulus_rose) stimulus(now_ns);
  if (response_rose && !response_first) response(now_ns);
}

void EdgePairing::stimulus(std::int64_t now_ns) {
  ++counts_.stimuli;
  Sample sample{};
  sample.due_ns = now_ns;
  sample.stimulus_ns = -1;
  sample.response_ns = -1;
  sample.flags = next_index_ < settings_.warm_up ? sample_warm_up : 0;
  sample.index = next_index_++;
  if (pending_) {
    ++counts_.while_pending;
  } else {
    sample.stimulus_ns = now_ns;
    sample.flags |= sample_sent;
    pending_ = true;
    pending_at_ = open_.size();
  }
  open_.push_back(sample);
}

void EdgePairing::response(std::int64_t now_ns) {
  ++counts_.responses;
  if (!pending_) {
    ++counts_.spurious;
    return;
  }
  Sample& sample = open_[pending_at_];
  sample.response_ns = now_ns;
  sample.flags |= sample_answered;
  ++counts_.answered;
  if (sample.latency_ns() > settings_.deadline_ns) {
    sample.flags |= sample_late;
    ++counts_.late;
  }
  pending_ = false;
}

void EdgePairing::give_up() {
  open_[pending_at_].flags |= sample_unanswered;
  ++counts_.unanswered;
  pending_ = false;
}

void EdgePairing::end(std::int64_t now_ns) {
  if (!pending_) return;
  if (now_ns - open_[pending_at_].stimulus_ns > settings_.deadline_ns) {
    give_up();
    return;
  }
  counts_.cut_off = open_.size() - pending_at_;
  counts_.while_pending -= counts_.cut_off - 1;
  open_.resize(pending_at_);
  pending_ = false;
}

void EdgePairing::take_finished(std::vector<Sample>* out) {
  if (pending_) return;
  out->insert(out->end(), open_.begin(), open_.end());
  open_.clear();
}

bool EdgeMeter::level(std::uint64_t sample, bool high) {
  if (!known_) {
    known_ = true;
    high_ = high;
    return false;
  }
  if (high == high_) return false;
  high_ = high;
  if (moved_ && (shortest_ == 0 || sample - since_ < shortest_)) shortest_ = sample - since_;
  moved_ = true;
  since_ = sample;
  if (high != rising_) return false;
  ++edges_;
  return true;
}

}  // namespace loopgate
