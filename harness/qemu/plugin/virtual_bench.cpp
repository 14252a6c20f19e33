#include "qemu/plugin/virtual_bench.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <nlohmann/json.hpp>

#include "protocol/records.h"
#include "qemu/plugin/main_loop_gate.h"

namespace loopgate {
namespace {

using nlohmann::json;

// Seen by people, so paced by the host's clock; it has no effect on the guest.
constexpr std::chrono::milliseconds progress_interval{200};

constexpr std::int64_t tick_ns = 1'000'000'000;

// Between the self-checks of a bench that observes. They are over, 2 ms after the machine was restored,
// before the agent has started anything that could reach the pins.
constexpr std::int64_t self_check_gap_ns = 1'000;

template <class Object, void (Object::*method)()>
void call(void* opaque) {
  (static_cast<Object*>(opaque)->*method)();
}

const volatile ChannelHeader* map_channel(const std::filesystem::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return nullptr;
  void* mapped = ::mmap(nullptr, channel_size, PROT_READ, MAP_SHARED, fd, 0);
  ::close(fd);
  return mapped == MAP_FAILED ? nullptr : static_cast<const volatile ChannelHeader*>(mapped);
}

}  // namespace

VirtualBench::VirtualBench(const InstrumentSettings& settings, const QemuFunctions& qemu)
    : settings_(settings),
      qemu_(qemu),
      events_(settings.events),
      channel_(map_channel(settings.channel)),
      pulses_(settings.pulses),
      storm_random_(~settings.pulses.seed) {
  if (settings.observe) observer_.emplace(settings.pulses);
}

VirtualBench::~VirtualBench() {
  if (channel_ != nullptr) ::munmap(const_cast<ChannelHeader*>(channel_), channel_size);
}

Result<std::unique_ptr<VirtualBench>> VirtualBench::create(const InstrumentSettings& settings,
                                                           const QemuFunctions& qemu,
                                                           qemu_plugin_id_t plugin) {
  std::unique_ptr<VirtualBench> bench(new VirtualBench(settings, qemu));
  if (bench->channel_ == nullptr)
    return fail(ErrorKind::infrastructure,
                "the shared memory " + settings.channel.string() + " cannot be mapped");
  if (!settings.samples.empty()) {
    auto writer = SampleWriter::create(settings.samples, {.time_base = TimeBase::virtual_time,
                                                          .seed = settings.pulses.seed,
                                                          .records_planned = bench->pulses_.counts().planned,
                                                          .deadline_ns = settings.pulses.deadline_ns});
    if (!writer) return tl::unexpected(writer.error());
    bench->writer_.emplace(std::move(*writer));
  }
  if (!settings.watch.file.empty()) {
    auto watcher = Tracer::create(settings.watch, bench->qemu_, plugin);
    if (!watcher) return tl::unexpected(watcher.error());
    bench->watcher_ = std::move(*watcher);
  }
  // The machine does not exist yet, and arming a virtual timer while a CPU is being realised crashes QEMU. A
  // timer on the realtime clock fires in the main loop's first turn, when all is built; the machine is
  // started paused (-S).
  VirtualBench* self = bench.get();
  bench->wire_timer_.emplace(self->qemu_, qemu_clock_realtime, &call<VirtualBench, &VirtualBench::wire>,
                             self);
  bench->wire_timer_->arm_at(0);
  return bench;
}

void VirtualBench::wire() {
  controller_ = qemu_.object_resolve_path_type("", settings_.controller.c_str(), nullptr);
  if (controller_ == nullptr) {
    give_up("this machine has no single GPIO controller of type " + settings_.controller);
    return;
  }
  const PinLines& lines = settings_.lines;
  stimulus_pin_ = input(lines.stimulus);
  storm_pin_ = input(lines.storm);
  control_in_pin_ = input(lines.control_in);

  response_pin_ = qemu_.qemu_allocate_irq(
      [](void* self, int, int level) { static_cast<VirtualBench*>(self)->on_response_pin(level); }, this, 0);
  qemu_.qdev_intercept_gpio_out(controller_, response_pin_, nullptr, lines.response);

  if (settings_.pulses.decisions) {
    QemuIrq* verdict = qemu_.qemu_allocate_irq(
        [](void* self, int, int level) { static_cast<VirtualBench*>(self)->verdict_level_ = level; }, this,
        0);
    qemu_.qdev_intercept_gpio_out(controller_, verdict, nullptr, lines.verdict);
  }

  QemuIrq* control_out = qemu_.qemu_allocate_irq(
      [](void* self, int, int level) {
        if (level != 0) static_cast<VirtualBench*>(self)->on_agent_signal();
      },
      this, 0);
  qemu_.qdev_intercept_gpio_out(controller_, control_out, nullptr, lines.control_out);

  if (observer_) {
    wire_to_observe();
  } else if (lines.jumper_out >= 0 &&
             !settings_.pulses
                  .decisions) {  // a jumper is nothing but the input's own pin on the end of the output
    wire_in_pin_ = input(lines.jumper_in);
    qemu_.qdev_intercept_gpio_out(controller_, wire_in_pin_, nullptr, lines.jumper_out);
  }

  due_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::on_due>, this);
  known_delay_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::on_known_delay>,
                             this);
  frame_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::on_frame>, this);
  abandon_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::after_stimulus_ended>,
                         this);
  storm_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::on_storm>, this);
  limit_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::on_limit>, this);

  tick_timer_.emplace(qemu_, qemu_clock_virtual, &call<VirtualBench, &VirtualBench::on_tick>, this);

  if (settings_.main_loop_turns_every_ns > 0) {
    turn_timer_.emplace(qemu_, qemu_clock_realtime, &call<VirtualBench, &VirtualBench::on_turn>, this);
    on_turn();
  }

  const bool restored = writer_.has_value();
  phase_ = restored ? Phase::waiting_ready : Phase::booting;
  // The saved state has not been loaded yet, so the clock still reads 0: `saved_at_ns` says where it will
  // stand.
  limit_timer_->arm_at(restored ? settings_.saved_at_ns + settings_.ready_limit_ns : settings_.boot_limit_ns);
  tick_timer_->arm_at(settings_.saved_at_ns + tick_ns);
  // Not while it boots: the saved state is the same for every suite.
  if (restored && observer_) due_timer_->arm_at(settings_.saved_at_ns + self_check_gap_ns);
  emit("wired");
}

void VirtualBench::on_tick() {
  if (phase_ == Phase::over) return;
  tick_timer_->arm_at(now_ns() + tick_ns);
  if (phase_ != Phase::pulsing || observer_) emit("progress");
}

void VirtualBench::on_turn() {
  turn_timer_->arm_at(qemu_.qemu_clock_get_ns(qemu_clock_realtime) + settings_.main_loop_turns_every_ns);
}

AgentState VirtualBench::agent_state() const { return static_cast<AgentState>(channel_->agent_state); }

// The agent wrote its state and raised the control-out pin.
void VirtualBench::on_agent_signal() {
  const AgentState state = agent_state();
  if (state == AgentState::failed && phase_ != Phase::over) {
    end_pulsing();
    phase_ = Phase::over;
    limit_timer_->disarm();
    emit("failed");
  } else if (state == AgentState::booted && phase_ == Phase::booting) {
    phase_ = Phase::over;
    limit_timer_->disarm();
    // Stop at this very instruction. The clock is switched off first, and stays so until QEMU's main loop has
    // carried the stop out: icount would else take the stopped CPU for an idle one and warp to the next
    // timer, or not, as the host's threads race.
    qemu_.qemu_clock_enable(qemu_clock_virtual, false);
    qemu_.vm_stop(qemu_run_state_paused);
    let_main_loop_go_first();
    emit("booted");
  } else if (state == AgentState::ready && phase_ == Phase::waiting_ready) {
    begin_pulsing();
  } else if (state == AgentState::reported && observer_ && phase_ == Phase::pulsing) {
    end_observing();
    on_agent_signal();  // nothing, where it gave up
  } else if (state == AgentState::reported &&
             (phase_ == Phase::waiting_report || phase_ == Phase::waiting_ready)) {
    // Without having been ready: it was asked for its symbols alone.
    phase_ = Phase::over;
    limit_timer_->disarm();
    emit("reported");
  }
}

void VirtualBench::begin_pulsing() {
  phase_ = Phase::pulsing;
  limit_timer_->disarm();
  if (observer_) {
    // Nothing of the bench's own would end this phase.
    limit_timer_->arm_at(now_ns() + settings_.observe_limit_ns);
    emit("ready");
    return;
  }
  pulses_.start(now_ns());
  arm_next_due();
  if (settings_.storm_per_second > 0) storm_timer_->arm_at(now_ns() + 1);
  emit("ready");
}

void VirtualBench::arm_next_due() {
  if (const auto due_ns = pulses_.next_due_ns()) due_timer_->arm_at(*due_ns);
}

// The two jumpers of a board, each with an eye on it.
void VirtualBench::wire_to_observe() {
  response_in_pin_ = input(settings_.lines.response_in);
  QemuIrq* stimulus_out = qemu_.qemu_allocate_irq(
      [](void* self, int, int level) { static_cast<VirtualBench*>(self)->on_stimulus_pin(level); }, this, 0);
  qemu_.qdev_intercept_gpio_out(controller_, stimulus_out, nullptr, settings_.lines.stimulus_out);
}

void VirtualBench::on_stimulus_pin(int level) {
  if (level != 0 && phase_ == Phase::pulsing) {
    if (!observer_->stimulus(now_ns())) {
      give_up("the program on the board sent more stimuli than were planned");
    } else if (watcher_) {
      const std::uint64_t index = observer_->counts().due - 1;
      watcher_->stimulus(static_cast<std::uint32_t>(index),
                         index >= settings_.pulses.self_checks + settings_.pulses.warm_up, now_ns());
    }
    if (observer_->counts().due == settings_.pulses.self_checks + settings_.pulses.warm_up + 1)
      emit("counting");
  }
  qemu_.qemu_set_irq(stimulus_pin_, level);
}

void VirtualBench::on_observed_response(int level) {
  const bool self_check = phase_ == Phase::waiting_ready && observer_->self_checking();
  if (level != 0 && (self_check || phase_ == Phase::pulsing)) {
    if (observer_->response(now_ns()) && watcher_ && !self_check) watcher_->response(now_ns());
    after_observed();
  }
  // A self-check's answer is the bench's own, and none of the board's business.
  if (!self_check) qemu_.qemu_set_irq(response_in_pin_, level);
}

void VirtualBench::after_observed() {
  save_finished();
  if (phase_ == Phase::pulsing) show_progress();
}

void VirtualBench::begin_self_check() {
  const std::uint64_t number = observer_->counts().due;
  if (phase_ != Phase::waiting_ready || number >= settings_.pulses.self_checks) return;
  observer_->stimulus(now_ns());
  const std::int64_t known_ns = PulseTrain::known_delay_ns(static_cast<std::uint32_t>(number));
  known_delay_timer_->arm_at(now_ns() + known_ns);
  due_timer_->arm_at(now_ns() + known_ns + self_check_gap_ns);
}

// The agent has reported, so the program on the board is done.
void VirtualBench::end_observing() {
  if (watcher_ && observer_->pending()) watcher_->given_up(now_ns());
  observer_->end();
  save_finished();
  if (phase_ == Phase::over) return;
  if (!observer_->complete()) {
    give_up("the bench saw " + std::to_string(observer_->counts().due) + " of " +
            std::to_string(observer_->counts().planned) + " stimuli at the pin");
  } else if (auto closed = writer_->close(); !closed) {
    give_up(closed.error().what);
  } else if (watcher_ && !watcher_->flush()) {
    give_up("what was watched could not be written to " + settings_.watch.file.string());
  } else {
    emit("measured");
    phase_ = Phase::waiting_report;
  }
}

void VirtualBench::on_due() {
  if (observer_) return begin_self_check();
  if (phase_ != Phase::pulsing) return;
  const PulseTrain::Action action = pulses_.due(now_ns());
  if (action.known_delay_ns) known_delay_timer_->arm_at(now_ns() + *action.known_delay_ns);
  if (action.abandon_at_ns) abandon_timer_->arm_at(*action.abandon_at_ns);
  arm_next_due();
  if (pulses_.counts().due == settings_.pulses.self_checks + settings_.pulses.warm_up + 1) emit("counting");
  if (!action.raise_pin) return;
  if (watcher_) {
    const std::uint64_t index = pulses_.counts().due - 1;
    watcher_->stimulus(static_cast<std::uint32_t>(index),
                       index >= settings_.pulses.self_checks + settings_.pulses.warm_up, now_ns());
  }
  frames_to_send_ = settings_.pulses.frames;
  on_frame();
}

// The first frame is the stimulus; those after it are edges of the same pin.
void VirtualBench::on_frame() {
  if (phase_ != Phase::pulsing || frames_to_send_ == 0) return;
  --frames_to_send_;
  if (frames_to_send_ > 0) frame_timer_->arm_at(now_ns() + settings_.pulses.frame_interval_ns);
  qemu_.qemu_set_irq(stimulus_pin_, 0);
  qemu_.qemu_set_irq(stimulus_pin_, 1);
}

// The self-check's answer takes the way of every answer: through the pin's own interrupt handler.
void VirtualBench::on_known_delay() {
  qemu_.qemu_set_irq(response_pin_, 1);
  qemu_.qemu_set_irq(response_pin_, 0);
}

void VirtualBench::on_response_pin(int level) {
  if (observer_) return on_observed_response(level);
  if (level == 0 || phase_ != Phase::pulsing) return;
  if (!pulses_.response(now_ns(), seen_decision())) return;
  if (watcher_) watcher_->response(now_ns());
  after_stimulus_ended();
}

// The payload's memory is read at the very instant at which the pin rises.
SeenDecision VirtualBench::seen_decision() const {
  if (!settings_.pulses.decisions) return {};
  const auto* records = reinterpret_cast<const volatile inspection::RecordsHeader*>(
      reinterpret_cast<const volatile std::byte*>(channel_) + records_offset);
  if (records->magic != inspection::records_magic) return {verdict_level_ != 0, 0};
  return {verdict_level_ != 0, records->latest_frame};
}

// Answered, or given up: the abandon timer comes here too, and then the stimulus is still pending.
void VirtualBench::after_stimulus_ended() {
  if (phase_ != Phase::pulsing) return;
  if (watcher_ && pulses_.pending()) watcher_->given_up(now_ns());
  pulses_.abandon(now_ns());
  abandon_timer_->disarm();
  qemu_.qemu_set_irq(stimulus_pin_,
                     0);  // a scene's other frames still come, so that the numbers stay in step
  save_finished();
  show_progress();
  if (phase_ != Phase::pulsing) return;
  if (settings_.pulses.back_to_back) arm_next_due();
  if (!pulses_.finished()) return;
  end_pulsing();
  if (watcher_ && !watcher_->flush()) {
    give_up("what was watched could not be written to " + settings_.watch.file.string());
    return;
  }
  phase_ = Phase::waiting_report;
  limit_timer_->arm_at(now_ns() + settings_.report_limit_ns);
  emit("measured");
  qemu_.qemu_set_irq(control_in_pin_, 1);
}

void VirtualBench::end_pulsing() {
  if (!writer_ || phase_ == Phase::over) return;
  due_timer_->disarm();
  known_delay_timer_->disarm();
  abandon_timer_->disarm();
  storm_timer_->disarm();
  frame_timer_->disarm();
  if (phase_ != Phase::pulsing || observer_) return;
  pulses_.abandon(now_ns());
  save_finished();
  if (phase_ == Phase::over || !pulses_.finished()) return;  // unfinished: the file stays marked as cut off
  if (auto closed = writer_->close(); !closed) give_up(closed.error().what);
}

void VirtualBench::save_finished() {
  finished_.clear();
  if (observer_) {
    observer_->take_finished(&finished_);
  } else {
    pulses_.take_finished(&finished_);
  }
  for (const Sample& sample : finished_) {
    if (auto written = writer_->append(sample); !written) {
      give_up(written.error().what);
      return;
    }
  }
}

// Intervals from half to one and a half of the mean, so that the storm has no fixed phase to the stimuli or
// to the tick.
void VirtualBench::on_storm() {
  if (phase_ != Phase::pulsing) return;
  ++storm_pulses_;
  const double mean_ns = 1e9 / settings_.storm_per_second;
  const double unit = static_cast<double>(storm_random_() >> 11U) * 0x1.0p-53;
  storm_timer_->arm_at(now_ns() + 1 + static_cast<std::int64_t>(mean_ns * (0.5 + unit)));
  qemu_.qemu_set_irq(storm_pin_, 1);
  qemu_.qemu_set_irq(storm_pin_, 0);  // the controller latches the edge
}

void VirtualBench::on_limit() {
  if (phase_ == Phase::over) return;  // given up, and said so
  const char* awaited = "report";
  if (phase_ == Phase::booting) awaited = "boot";
  if (phase_ == Phase::waiting_ready) awaited = "ready";
  phase_ = Phase::over;
  json event = {{"event", "silent"}, {"awaited", awaited}, {"virtual_ns", now_ns()}};
  events_.write(event);
}

void VirtualBench::give_up(const std::string& what) {
  phase_ = Phase::over;
  events_.write({{"event", "error"}, {"what", what}});
}

void VirtualBench::show_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (now - shown_ < progress_interval) return;
  shown_ = now;
  emit("progress");
}

void VirtualBench::emit(const char* event) {
  if (main_loop_gate_timeouts() > 0 && phase_ != Phase::unwired) {
    give_up("this host is so busy that QEMU's threads waited 10 s for each other: the run might not repeat");
    return;
  }
  const PulseCounts& counts = this->counts();
  events_.write({{"event", event},
                 {"virtual_ns", now_ns()},
                 {"planned", counts.planned},
                 {"due", counts.due},
                 {"answered", counts.answered},
                 {"late", counts.late},
                 {"unanswered", counts.unanswered},
                 {"not_sent", counts.not_sent},
                 {"spurious", counts.spurious},
                 {"storm_pulses", storm_pulses_}});
}

}  // namespace loopgate
