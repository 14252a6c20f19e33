#include "schedule/pin_monitor.h"

namespace loopgate {

PinMonitor::PinMonitor(const PulseSettings& settings) : settings_(settings) {
  counts_.planned =
      std::uint64_t{settings.self_checks} + std::uint64_t{settings.warm_up} + std::uint64_t{settings.counted};
}

bool PinMonitor::stimulus(std::int64_t now_ns) {
  end();
  if (complete()) return false;
  Sample sample{now_ns, now_ns, -1, sample_sent, static_cast<std::uint32_t>(counts_.due)};
  if (counts_.due < settings_.self_checks) {
    sample.flags |= sample_self_check;
  } else if (counts_.due < std::uint64_t{settings_.self_checks} + settings_.warm_up) {
    sample.flags |= sample_warm_up;
  }
  open_.push_back(sample);
  pending_ = true;
  ++counts_.due;
  return true;
}

bool PinMonitor::response(std::int64_t now_ns) {
  if (!pending_) {
    ++counts_.spurious;
    return false;
  }
  pending_ = false;
  Sample& sample = open_.back();
  sample.response_ns = now_ns;
  sample.flags |= sample_answered;
  ++counts_.answered;
  if (sample.latency_ns() <= settings_.deadline_ns) return true;
  sample.flags |= sample_late;
  ++counts_.late;
  return true;
}

void PinMonitor::end() {
  if (!pending_) return;
  pending_ = false;
  open_.back().flags |= sample_unanswered;
  ++counts_.unanswered;
}

void PinMonitor::take_finished(std::vector<Sample>* out) {
  if (pending_) return;
  out->insert(out->end(), open_.begin(), open_.end());
  open_.clear();
}

}  // namespace loopgate
