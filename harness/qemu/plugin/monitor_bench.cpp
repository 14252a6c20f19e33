#include "qemu/plugin/monitor_bench.h"

#include "schedule/pulse_train.h"

namespace loopgate {
namespace {

// Between the self-checks. They are over, 2 ms after the machine was restored, before the agent has started
// anything that could reach the pins.
constexpr std::int64_t self_check_gap_ns = 1'000;

}  // namespace

// The two jumpers of a board, with a monitor on each.
Status MonitorBench::wire_pins() {
  response_in_pin_ = controller().input(settings().lines.response_in);
  QemuIrq* stimulus_out = qemu().qemu_allocate_irq(
      [](void* self, int, int level) { static_cast<MonitorBench*>(self)->on_stimulus_pin(level); }, this, 0);
  controller().connect_output(settings().lines.stimulus_out, stimulus_out);
  self_check_timer_.emplace(qemu(), qemu_clock_virtual,
                            &call_method<MonitorBench, &MonitorBench::begin_self_check>, this);
  known_delay_timer_.emplace(qemu(), qemu_clock_virtual,
                             &call_method<MonitorBench, &MonitorBench::on_known_delay>, this);
  return {};
}

// Not while it boots: the saved state is the same for every suite.
void MonitorBench::before_restore() { self_check_timer_->arm_at(settings().saved_at_ns + self_check_gap_ns); }

void MonitorBench::begin_self_check() {
  const std::uint64_t number = monitor_.counts().due;
  if (phase() != Phase::waiting_ready || number >= settings().pulses.self_checks) return;
  monitor_.stimulus(now_ns());
  const std::int64_t known_ns = PulseTrain::known_delay_ns(static_cast<std::uint32_t>(number));
  known_delay_timer_->arm_at(now_ns() + known_ns);
  self_check_timer_->arm_at(now_ns() + known_ns + self_check_gap_ns);
}

// The self-check's answer takes the way of every answer: through the pin's own interrupt handler.
void MonitorBench::on_known_delay() {
  qemu().qemu_set_irq(response_pin(), 1);
  qemu().qemu_set_irq(response_pin(), 0);
}

// Nothing of the bench's own would end this phase.
void MonitorBench::begin_measuring() { limit_timer().arm_at(now_ns() + settings().loopback_timeout_ns); }

void MonitorBench::on_stimulus_pin(int level) {
  if (level != 0 && is_measuring()) {
    if (monitor_.stimulus(now_ns())) {
      trace_stimulus(monitor_.counts().due - 1);
    } else {
      give_up("the program on the board sent more stimuli than were planned");
    }
    const PulseSettings& pulses = settings().pulses;
    if (monitor_.counts().due == pulses.self_checks + pulses.warm_up + 1)
      emit(InstrumentEvent::Kind::counting);
  }
  qemu().qemu_set_irq(stimulus_pin(), level);
}

void MonitorBench::on_response_pin(int level) {
  const bool self_check = phase() == Phase::waiting_ready && monitor_.self_checking();
  if (level != 0 && (self_check || is_measuring())) {
    if (monitor_.response(now_ns()) && !self_check) trace_pin(PinEvent::Edge::response);
    save_finished();
    if (is_measuring()) show_progress();
  }
  // The board does not see a self-check's answer, which is the bench's own.
  if (!self_check) qemu().qemu_set_irq(response_in_pin_, level);
}

// The program on the board is done.
void MonitorBench::reported_while_measuring() {
  if (monitor_.pending()) trace_pin(PinEvent::Edge::given_up);
  monitor_.end();
  save_finished();
  if (phase() == Phase::over) return;
  if (!monitor_.complete()) {
    give_up("the bench saw " + std::to_string(monitor_.counts().due) + " of " +
            std::to_string(monitor_.counts().planned) + " stimuli at the pin");
  } else if (close_samples() && trace_written()) {
    emit(InstrumentEvent::Kind::measured);
    set_phase(Phase::waiting_report);
  }
}

void MonitorBench::stop_measuring() {
  if (!has_samples_file()) return;
  self_check_timer_->disarm();
  known_delay_timer_->disarm();
}

void MonitorBench::save_finished() {
  finished_.clear();
  monitor_.take_finished(&finished_);
  save(finished_);
}

}  // namespace loopgate
