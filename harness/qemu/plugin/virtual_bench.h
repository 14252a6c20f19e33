// The instrument inside QEMU, as far as both of its kinds need it: takes the pins of the board's GPIO
// controller, hears the agent, keeps the time limits, reports events and writes the samples file.
// StimulusBench stimulates the board itself, MonitorBench monitors a program on the board that does.
// Everything here runs under QEMU's big lock, in a virtual timer or in a device's register write, at an exact
// virtual time.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "protocol/channel.h"
#include "protocol/instrument_event.h"
#include "protocol/instrument_settings.h"
#include "protocol/pulses.h"
#include "qemu/plugin/event_writer.h"
#include "qemu/plugin/gpio_controller.h"
#include "qemu/plugin/qemu_functions.h"
#include "qemu/plugin/section_listener.h"
#include "qemu/plugin/trace_host.h"
#include "record/samples_file.h"

namespace loopgate {

class VirtualBench {
 public:
  // Opens the samples file and starts tracing, as far as the settings ask for them, and takes the pins in the
  // main loop's first turn. Once, on a new object.
  Status start(qemu_plugin_id_t plugin);

  virtual ~VirtualBench();
  VirtualBench(const VirtualBench&) = delete;
  VirtualBench& operator=(const VirtualBench&) = delete;

 protected:
  enum class Phase { unwired, booting, waiting_ready, measuring, waiting_report, over };

  VirtualBench(const InstrumentSettings& settings, const QemuFunctions& qemu);

  // The controller is there, and the pins that both kinds have are taken. An error ends the run.
  virtual Status wire_pins() = 0;
  // The machine will go on from a saved state: it is for a cell and not for the boot.
  virtual void before_restore() {}
  // Load and payload run. The phase is `measuring` already.
  virtual void begin_measuring() = 0;
  // The agent has reported while the phase was `measuring`.
  virtual void reported_while_measuring() {}
  // The agent has failed. What is left in the samples file then stays marked as cut off.
  virtual void stop_measuring() = 0;
  virtual void on_response_pin(int level) = 0;
  virtual const PulseCounts& counts() const = 0;
  virtual std::uint64_t storm_pulses() const { return 0; }
  // Who hears of critical sections, where these are recorded.
  virtual SectionListener* section_listener() { return nullptr; }
  // Whether a cell that is measured shows its progress by itself: else a sign of life a virtual second does.
  virtual bool shows_progress() const = 0;

  const InstrumentSettings& settings() const { return settings_; }
  const QemuFunctions& qemu() const { return qemu_; }
  GpioController& controller() { return *controller_; }
  const volatile ChannelHeader* channel() const { return channel_; }
  std::int64_t now_ns() const { return qemu_.qemu_clock_get_ns(qemu_clock_virtual); }
  Phase phase() const { return phase_; }
  bool is_measuring() const { return phase_ == Phase::measuring; }
  void set_phase(Phase phase) { phase_ = phase; }
  ClockTimer& limit_timer() { return *limit_timer_; }
  QemuIrq* stimulus_pin() const { return stimulus_pin_; }
  QemuIrq* storm_pin() const { return storm_pin_; }
  QemuIrq* control_in_pin() const { return control_in_pin_; }
  QemuIrq* response_pin() const { return response_pin_; }

  // The pin changes to the probes, where the run is traced.
  void trace_stimulus(std::uint64_t index);
  void trace_pin(PinEvent::Edge edge);
  // Whether all of the trace could be written; says so when not.
  bool trace_written();

  bool has_samples_file() const { return writer_.has_value(); }
  void save(const std::vector<Sample>& finished);
  // Whether it could be closed; says so when not.
  bool close_samples();

  void show_progress();
  void give_up(const std::string& what);
  void emit(InstrumentEvent::Kind kind);

 private:
  // Once the machine is built, not before.
  Status keep_memory_out_of_the_state() const;
  void wire();
  QemuIrq* hear(int line, void (*handler)(void* self, int, int level));
  void on_agent_signal();
  void on_booted();
  void finish(InstrumentEvent::Kind event);
  void on_limit();
  void on_tick();
  AgentState agent_state() const { return static_cast<AgentState>(channel_->agent_state); }

  const InstrumentSettings settings_;
  const QemuFunctions qemu_;
  EventWriter events_;
  const volatile ChannelHeader* channel_ = nullptr;
  Phase phase_ = Phase::unwired;

  std::unique_ptr<GpioController> controller_;
  QemuIrq* stimulus_pin_ = nullptr;
  QemuIrq* storm_pin_ = nullptr;
  QemuIrq* control_in_pin_ = nullptr;
  QemuIrq* response_pin_ = nullptr;  // ours: what the controller's output drives

  std::optional<ClockTimer> wire_timer_;
  std::optional<ClockTimer> limit_timer_;
  std::optional<ClockTimer> tick_timer_;  // a sign of life each virtual second, where no stimulus gives one

  std::optional<SampleWriter> writer_;
  std::unique_ptr<TraceHost> trace_;  // none where nothing is traced
  std::chrono::steady_clock::time_point shown_{};
};

// Calls a method of the object that a timer of QEMU's was given.
template <class Object, void (Object::*method)()>
void call_method(void* opaque) {
  (static_cast<Object*>(opaque)->*method)();
}

}  // namespace loopgate
