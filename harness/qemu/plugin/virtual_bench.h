// The instrument inside QEMU: a pulse generator and time-interval counter on the virtual clock, wired to the
// pins of the board's GPIO controller. Everything here runs under QEMU's big lock, in a virtual timer or in a
// device's register write, at an exact virtual time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/channel.h"
#include "protocol/instrument_settings.h"
#include "qemu/plugin/event_writer.h"
#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/tracer.h"
#include "record/samples_file.h"
#include "schedule/pin_monitor.h"
#include "schedule/pulse_train.h"

namespace loopgate {

class VirtualBench {
 public:
  static Result<std::unique_ptr<VirtualBench>> create(const InstrumentSettings& settings,
                                                      const QemuFunctions& qemu, qemu_plugin_id_t plugin);
  ~VirtualBench();
  VirtualBench(const VirtualBench&) = delete;
  VirtualBench& operator=(const VirtualBench&) = delete;

 private:
  enum class Phase { unwired, booting, waiting_ready, pulsing, waiting_report, over };

  VirtualBench(const InstrumentSettings& settings, const QemuFunctions& qemu);

  // Finds the controller and takes its pins. Once the machine is built, not before.
  void wire();

  void on_agent_signal();
  void on_response_pin(int level);
  void on_stimulus_pin(int level);
  void on_due();
  void on_frame();
  void on_known_delay();
  void on_storm();
  void on_limit();
  void on_tick();
  void on_turn();

  // While a program on the board measures.
  void wire_to_observe();
  void begin_self_check();
  void on_observed_response(int level);
  void end_observing();
  void after_observed();

  void begin_pulsing();
  void after_stimulus_ended();
  void end_pulsing();
  void save_finished();
  void arm_next_due();
  void show_progress();
  void give_up(const std::string& what);
  void emit(const char* event);

  std::int64_t now_ns() const { return qemu_.qemu_clock_get_ns(qemu_clock_virtual); }
  AgentState agent_state() const;
  const PulseCounts& counts() const { return observer_ ? observer_->counts() : pulses_.counts(); }
  SeenDecision seen_decision() const;
  QemuIrq* input(int line) const { return qemu_.qdev_get_gpio_in(controller_, line); }

  const InstrumentSettings settings_;
  const QemuFunctions qemu_;
  EventWriter events_;
  const volatile ChannelHeader* channel_ = nullptr;
  Phase phase_ = Phase::unwired;

  QemuObject* controller_ = nullptr;
  QemuIrq* stimulus_pin_ = nullptr;
  QemuIrq* storm_pin_ = nullptr;
  QemuIrq* control_in_pin_ = nullptr;
  QemuIrq* wire_in_pin_ = nullptr;
  QemuIrq* response_pin_ = nullptr;  // ours: what the controller's output drives
  QemuIrq* response_in_pin_ = nullptr;

  std::optional<ClockTimer> wire_timer_;
  std::optional<ClockTimer> due_timer_;
  std::optional<ClockTimer> frame_timer_;
  std::optional<ClockTimer> known_delay_timer_;
  std::optional<ClockTimer> abandon_timer_;
  std::optional<ClockTimer> storm_timer_;
  std::optional<ClockTimer> limit_timer_;
  std::optional<ClockTimer> turn_timer_;  // on the host's clock; only for a test of the bench
  std::optional<ClockTimer> tick_timer_;  // a sign of life each virtual second, where no stimulus gives one

  PulseTrain pulses_;
  std::optional<PinMonitor> observer_;
  std::uint32_t frames_to_send_ = 0;
  int verdict_level_ = 0;
  std::mt19937_64 storm_random_;
  std::uint64_t storm_pulses_ = 0;
  std::optional<SampleWriter> writer_;
  std::unique_ptr<Tracer> watcher_;  // none where nothing is watched
  std::vector<Sample> finished_;
  std::chrono::steady_clock::time_point shown_{};
};

}  // namespace loopgate
