#include "schedule/pulse_train.h"

#include <array>

#include "base/wide_product.h"
#include "protocol/part_truth.h"

namespace loopgate {
namespace {

// From one tick of the clock to nearly the longest that fits between two self-checks; odd numbers, so that a
// rounding to the guest's 16 ns timer or to a microsecond would show.
constexpr std::array<std::int64_t, 8> known_delays_ns = {1,      17,      101,     1'009,
                                                         10'007, 100'003, 500'009, 999'983};
constexpr std::int64_t self_check_interval_ns = 1'500'000;

// Whether part number `part` (from 0) is good; nothing where nobody knows.
std::optional<bool> truth_of(const PulseSettings& settings, std::uint64_t part) {
  if (settings.truth.empty()) return part_is_good(settings.seed, part);
  const auto picture = static_cast<std::size_t>(picture_shown(settings.seed, part, settings.truth.size()));
  const char truth = settings.truth[picture];
  if (truth == truth_unknown) return std::nullopt;
  return truth == truth_ok;
}

}  // namespace

std::int64_t PulseTrain::known_delay_ns(std::uint32_t self_check) {
  return known_delays_ns[self_check % known_delays_ns.size()];
}

PulseTrain::PulseTrain(const PulseSettings& settings) : settings_(settings), random_(settings.seed) {
  counts_.planned =
      std::uint64_t{settings.self_checks} + std::uint64_t{settings.warm_up} + std::uint64_t{settings.counted};
}

// Maps 64 random bits onto the interval by multiplication (Lemire, arXiv 1805.10941, without the rejection
// step: the bias is below 2^-40 for intervals under 16 ms). std::uniform_int_distribution may differ between
// standard libraries.
std::int64_t PulseTrain::draw_interval_ns() {
  const auto width = static_cast<std::uint64_t>(settings_.interval_max_ns - settings_.interval_min_ns) + 1;
  const std::uint64_t offset = high_half(random_(), width);
  return settings_.interval_min_ns + static_cast<std::int64_t>(offset);
}

void PulseTrain::start(std::int64_t now_ns) {
  next_due_ns_ = now_ns + (settings_.self_checks > 0 ? self_check_interval_ns : draw_interval_ns());
}

std::optional<std::int64_t> PulseTrain::next_due_ns() const {
  if (due_ == counts_.planned || (settings_.back_to_back && pending_)) return std::nullopt;
  return next_due_ns_;
}

std::uint32_t PulseTrain::kind_flag(std::uint64_t index) const {
  if (index < settings_.self_checks) return sample_self_check;
  if (index < std::uint64_t{settings_.self_checks} + settings_.warm_up) return sample_warm_up;
  return 0;
}

PulseTrain::Action PulseTrain::due(std::int64_t now_ns) {
  Sample sample{};
  sample.due_ns = next_due_ns_;
  sample.stimulus_ns = -1;
  sample.response_ns = -1;
  sample.flags = kind_flag(due_);
  sample.index = static_cast<std::uint32_t>(due_);
  const bool self_check = (sample.flags & sample_self_check) != 0;

  ++due_;
  counts_.due = due_;
  // A self-check is over before the next stimulus falls due, whatever the drawn interval.
  next_due_ns_ += due_ <= settings_.self_checks ? self_check_interval_ns : draw_interval_ns();

  Action action;
  if (pending_) {
    ++counts_.not_sent;
  } else {
    sample.stimulus_ns = now_ns;
    sample.flags |= sample_sent;
    pending_ = true;
    pending_at_ = open_.size();
    action.raise_pin = !self_check;
    if (action.raise_pin) ++scenes_sent_;
    if (self_check) action.known_delay_ns = known_delay_ns(sample.index);
    action.abandon_at_ns = now_ns + settings_.response_timeout_ns;
  }
  open_.push_back(sample);
  return action;
}

// A decision for another frame than the one that waits says nothing of the one that waits, so it is not
// judged to be right or wrong.
std::uint32_t PulseTrain::decision_flags(const SeenDecision& seen) const {
  const std::uint32_t said = seen.ok ? sample_ok : 0;
  if (seen.frame != scenes_sent_ * settings_.frames) return said | sample_wrong_frame;
  const std::optional<bool> good = truth_of(settings_, scenes_sent_ - 1);
  if (!good) return said | sample_unjudged;
  return said | (*good == seen.ok ? 0 : sample_wrong);
}

bool PulseTrain::response(std::int64_t now_ns, const SeenDecision& seen) {
  if (!pending_) {
    ++counts_.spurious;
    return false;
  }
  Sample& sample = open_[pending_at_];
  sample.response_ns = now_ns;
  sample.flags |= sample_answered;
  if (now_ns - sample.stimulus_ns > settings_.deadline_ns) {
    sample.flags |= sample_late;
    ++counts_.late;
  }
  if (settings_.decisions && (sample.flags & sample_self_check) == 0) sample.flags |= decision_flags(seen);
  ++counts_.answered;
  end_pending(now_ns);
  return true;
}

void PulseTrain::abandon(std::int64_t now_ns) {
  if (!pending_) return;
  open_[pending_at_].flags |= sample_unanswered;
  ++counts_.unanswered;
  end_pending(now_ns);
}

void PulseTrain::end_pending(std::int64_t now_ns) {
  pending_ = false;
  if (settings_.back_to_back) next_due_ns_ = now_ns + draw_interval_ns();
}

void PulseTrain::take_finished(std::vector<Sample>* out) {
  if (pending_) return;
  out->insert(out->end(), open_.begin(), open_.end());
  open_.clear();
}

}  // namespace loopgate
