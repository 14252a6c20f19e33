// The bench that stimulates: a pulse generator and time-interval counter on the virtual clock, and a
// generator of the storm of interrupts beside them.
#pragma once

#include <optional>
#include <vector>

#include "protocol/shot_log.h"
#include "qemu/plugin/aim.h"
#include "qemu/plugin/quiet_timer.h"
#include "qemu/plugin/storm.h"
#include "qemu/plugin/virtual_bench.h"
#include "schedule/pulse_train.h"

namespace loopgate {

class StimulusBench : public VirtualBench, private SectionListener {
 public:
  StimulusBench(const InstrumentSettings& settings, const QemuFunctions& qemu);

 private:
  Status wire_pins() override;
  void begin_measuring() override;
  void stop_measuring() override { end_pulsing(); }
  void on_response_pin(int level) override;
  const PulseCounts& counts() const override { return pulses_.counts(); }
  std::uint64_t storm_pulses() const override { return storm_.pulses(); }
  bool shows_progress() const override { return true; }
  SectionListener* section_listener() override { return aim_ ? this : nullptr; }

  bool listens(std::int64_t now_ns) const override;
  bool on_opened(const OpenedSection& section, std::uint64_t callers) override;
  void send_after(std::int64_t now_ns) override;
  void on_closed(const ClosedSection& section) override;
  void on_held(std::size_t locks) override { aim_->set_held(locks); }

  std::int64_t lead_ns() const;
  void see_way(const ClosedSection& section);
  void arm_next_due();
  void take_aim(std::int64_t now_ns);
  void aim_again();
  bool log_due();
  std::optional<std::uint64_t> next_counted() const;
  void on_due();
  void on_frame();
  void on_known_delay();
  void after_stimulus_ended();
  void after_last_stimulus();
  void end_pulsing();
  void save_finished();
  // Where the stimulus falls, its line is high without one.
  void set_stimulus(bool sent) {
    qemu().qemu_set_irq(stimulus_pin(), sent != settings().pulses.falls ? 1 : 0);
  }
  SeenDecision seen_decision() const;

  std::optional<ClockTimer> due_timer_;
  std::optional<QuietTimer> quiet_due_;  // instead, where it is to end no CPU's turn
  std::optional<ClockTimer> frame_timer_;
  std::optional<ClockTimer> known_delay_timer_;
  std::optional<ClockTimer> abandon_timer_;

  PulseTrain pulses_;
  std::optional<Aim> aim_;
  std::optional<ShotLog> log_;
  std::int64_t sent_at_ns_ = 0;  // the pending stimulus
  bool is_taken_ = true;         // a CPU took an interrupt since
  bool is_served_ = true;        // and one went to a real-time task
  std::uint32_t frames_to_send_ = 0;
  int verdict_level_ = 0;
  Storm storm_;
  std::vector<Sample> finished_;
};

}  // namespace loopgate
