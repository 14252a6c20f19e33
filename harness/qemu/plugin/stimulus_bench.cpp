#include "qemu/plugin/stimulus_bench.h"

#include <utility>

#include "protocol/records.h"

namespace loopgate {

StimulusBench::StimulusBench(const InstrumentSettings& settings, const QemuFunctions& qemu)
    : VirtualBench(settings, qemu),
      pulses_(settings.pulses),
      storm_(settings.storm_per_second, settings.pulses.seed) {
  if (!settings.aim.at_sections) return;
  aim_.emplace(settings.aim, lead_ns());
  aim_->remember(read_aim_file(settings.aim.taught));
}

// A timer shortens the round of turns that would pass it. The round that runs as this one is armed ends
// before that: a run in which it stood all the time is the same up to there.
std::int64_t StimulusBench::lead_ns() const { return round_ns(settings().turns); }

Status StimulusBench::wire_pins() {
  const PinLines& lines = settings().lines;
  if (settings().pulses.decisions) {
    QemuIrq* verdict = qemu().qemu_allocate_irq(
        [](void* self, int, int level) { static_cast<StimulusBench*>(self)->verdict_level_ = level; }, this,
        0);
    controller().connect_output(lines.verdict, verdict);
  } else if (lines.jumper_out >= 0) {  // the jumper; the verdict may be on its line
    controller().connect_output(lines.jumper_out, controller().input(lines.jumper_in));
  }
  const auto timer = [&](std::optional<ClockTimer>* made, ClockTimer::Fired fired) {
    made->emplace(qemu(), qemu_clock_virtual, fired, this);
  };
  timer(&due_timer_, &call_method<StimulusBench, &StimulusBench::on_due>);
  if (settings().aim.quiet) {
    quiet_due_.emplace(qemu(), &call_method<StimulusBench, &StimulusBench::on_due>, this);
    TRY_STATUS(quiet_due_->begin());
  }
  timer(&known_delay_timer_, &call_method<StimulusBench, &StimulusBench::on_known_delay>);
  timer(&frame_timer_, &call_method<StimulusBench, &StimulusBench::on_frame>);
  timer(&abandon_timer_, &call_method<StimulusBench, &StimulusBench::after_stimulus_ended>);
  storm_.wire(qemu(), storm_pin(), [this] { return now_ns(); });
  return {};
}

void StimulusBench::begin_measuring() {
  if (const auto& path = settings().aim.log; !path.empty()) {
    auto log = ShotLog::create(path);
    if (!log) return give_up(log.error().what);
    log_.emplace(std::move(*log));
  }
  if (settings().pulses.falls) set_stimulus(false);  // which is no edge that anybody waits for
  pulses_.start(now_ns());
  take_aim(now_ns());
  arm_next_due();
  storm_.begin();
}

void StimulusBench::arm_next_due() {
  const auto due_ns = pulses_.next_due_ns();
  if (due_ns && quiet_due_)
    quiet_due_->arm_at(*due_ns);
  else if (due_ns)
    due_timer_->arm_at(*due_ns);
}

// The number of the counted stimulus that falls due next, from 0; nothing while others come first.
std::optional<std::uint64_t> StimulusBench::next_counted() const {
  const PulseSettings& pulses = settings().pulses;
  const std::uint64_t before = std::uint64_t{pulses.self_checks} + pulses.warm_up;
  if (pulses_.counts().due < before) return std::nullopt;
  return pulses_.counts().due - before;
}

// A hunt's counted stimuli have other times than the drawn ones.
void StimulusBench::take_aim(std::int64_t now_ns) {
  const auto next = next_counted();
  if (!next) return;
  const AimSettings& aim = settings().aim;
  if (*next < aim.shots_ns.size()) pulses_.aim_at(aim.shots_ns[*next]);
  if (aim_) pulses_.aim_at(now_ns + aim.at_most_ns);
}

bool StimulusBench::listens(std::int64_t now_ns) const {
  return is_measuring() && aim_->hears(now_ns) && !pulses_.pending() && next_counted() &&
         pulses_.next_due_ns();
}

bool StimulusBench::on_opened(const OpenedSection& section, std::uint64_t callers) {
  return aim_->wants(section, callers);
}

void StimulusBench::aim_again() {
  if (!next_counted() || !pulses_.next_due_ns()) return;  // a self-check teaches nothing
  aim_->free_at(now_ns());
  const auto chance_at_ns = aim_->chance_at_ns();
  if (!chance_at_ns) return;
  pulses_.aim_at(*chance_at_ns);
  arm_next_due();
}

// With one CPU QEMU's timer fires between this block and the next one, where it is not to wait.
void StimulusBench::send_after(std::int64_t now_ns) {
  pulses_.aim_at(now_ns + lead_ns() + aim_->delay_ns());
  arm_next_due();
}

void StimulusBench::on_closed(const ClosedSection& section) {
  if (!is_measuring()) return;
  if (pulses_.pending() && !next_counted() && section.begin_ns >= sent_at_ns_) see_way(section);
  aim_->learn(section);
}

// Behind a stimulus at any moment the first interrupt is its own, and the first real-time task the line's
// thread, as a rule. Behind one that is aimed at what holds it back, others come first.
void StimulusBench::see_way(const ClosedSection& section) {
  if (section.kind == SectionKind::interrupt_handler && !std::exchange(is_taken_, true))
    aim_->taken_on(section.cpu);
  if (section.kind == SectionKind::real_time_task && !std::exchange(is_served_, true))
    aim_->served_on(section.cpu);
}

// Before it is sent: what it does to the kernel may be the end of the run. Whether it could be written.
bool StimulusBench::log_due() {
  const auto due_ns = pulses_.next_due_ns();
  if (!log_ || !next_counted() || !due_ns) return true;
  const Status added = log_->add(*due_ns);
  if (!added) give_up(added.error().what);
  return added.has_value();
}

void StimulusBench::on_due() {
  if (!is_measuring() || !log_due()) return;
  const PulseTrain::Action action = pulses_.due(now_ns());
  if (action.known_delay_ns) known_delay_timer_->arm_at(now_ns() + *action.known_delay_ns);
  if (action.abandon_at_ns) abandon_timer_->arm_at(*action.abandon_at_ns);
  take_aim(now_ns());
  arm_next_due();
  const PulseSettings& pulses = settings().pulses;
  if (pulses_.counts().due == pulses.self_checks + pulses.warm_up + 1) emit(InstrumentEvent::Kind::counting);
  if (!action.raise_pin) return;
  sent_at_ns_ = now_ns();
  is_taken_ = is_served_ = false;
  trace_stimulus(pulses_.counts().due - 1);
  frames_to_send_ = pulses.frames;
  on_frame();
}

// The first frame is the stimulus; those after it are edges of the same pin.
void StimulusBench::on_frame() {
  if (!is_measuring() || frames_to_send_ == 0) return;
  --frames_to_send_;
  if (frames_to_send_ > 0) frame_timer_->arm_at(now_ns() + settings().pulses.frame_interval_ns);
  set_stimulus(false);
  set_stimulus(true);
}

// The self-check's answer takes the way of every answer: through the pin's own interrupt handler.
void StimulusBench::on_known_delay() {
  qemu().qemu_set_irq(response_pin(), 1);
  qemu().qemu_set_irq(response_pin(), 0);
}

void StimulusBench::on_response_pin(int level) {
  if (level == 0 || !is_measuring()) return;
  if (!pulses_.response(now_ns(), seen_decision())) return;
  if (aim_) aim_->answered(now_ns() - sent_at_ns_);
  trace_pin(PinEvent::Edge::response);
  after_stimulus_ended();
}

// The payload's memory is read at the very instant at which the pin rises.
SeenDecision StimulusBench::seen_decision() const {
  if (!settings().pulses.decisions) return {};
  const auto* records = reinterpret_cast<const volatile RecordsHeader*>(
      reinterpret_cast<const volatile std::byte*>(channel()) + records_offset);
  if (records->magic != records_magic) return {verdict_level_ != 0, 0};
  return {verdict_level_ != 0, records->latest_frame};
}

// Answered, or given up: the abandon timer comes here too, and then the stimulus is still pending.
void StimulusBench::after_stimulus_ended() {
  if (!is_measuring()) return;
  if (pulses_.pending()) {
    trace_pin(PinEvent::Edge::given_up);
    if (aim_) aim_->answered(settings().pulses.response_timeout_ns);  // there is nothing worse
  }
  pulses_.abandon(now_ns());
  abandon_timer_->disarm();
  // A scene's other frames still come, so that the numbers stay in step.
  set_stimulus(false);
  if (aim_) aim_again();
  save_finished();
  show_progress();
  if (!is_measuring()) return;
  if (settings().pulses.back_to_back) arm_next_due();
  if (pulses_.finished()) after_last_stimulus();
}

void StimulusBench::after_last_stimulus() {
  end_pulsing();
  if (!trace_written()) return;
  if (aim_ && !write_aim_file(settings().aim.taught, aim_->taught()))
    return give_up("what was learned could not be written to " + settings().aim.taught.string());
  set_phase(Phase::waiting_report);
  limit_timer().arm_at(now_ns() + settings().report_timeout_ns);
  emit(InstrumentEvent::Kind::measured);
  qemu().qemu_set_irq(control_in_pin(), 1);
}

void StimulusBench::end_pulsing() {
  if (!has_samples_file() || phase() == Phase::over) return;
  due_timer_->disarm();
  if (quiet_due_) quiet_due_->disarm();
  known_delay_timer_->disarm();
  abandon_timer_->disarm();
  storm_.end();
  frame_timer_->disarm();
  if (!is_measuring()) return;
  pulses_.abandon(now_ns());
  save_finished();
  if (phase() == Phase::over || !pulses_.finished()) return;  // unfinished: the file stays marked as cut off
  close_samples();
}

void StimulusBench::save_finished() {
  finished_.clear();
  pulses_.take_finished(&finished_);
  save(finished_);
}

}  // namespace loopgate
