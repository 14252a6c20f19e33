// The loop that measures: sends each stimulus when it falls due, and gives each response's stamp to the pulse
// train, which says what each stimulus came to. One thread, which nothing but time wakes up: the kernel
// stamps the response in its interrupt handler, so it is read when there is time, just before the next
// stimulus. With decisions, or back to back, the response wakes it, too: its verdict stands on a line, or it
// says when the next stimulus falls due.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "schedule/due_times.h"
#include "schedule/pulse_train.h"
#include "target/loopback/pins.h"
#include "target/loopback/ring.h"

namespace loopgate {

struct Handed {
  Sample sample;
  std::int64_t after_ns = -1;      // when the stimulus had been set; -1: not sent
  std::int64_t scene_late_ns = 0;  // how much later than it should its last frame followed its first
};

// 16,384 samples: two seconds at 8,000 a second.
using HandedRing = Ring<Handed, 1U << 14U>;

class Schedule {
 public:
  // `first_index`: of the first sample; those before it are the check's. `writer_failed` ends the loop.
  Schedule(const PulseSettings& pulses, std::uint32_t first_index, LoopbackPins* pins, HandedRing* ring,
           const std::atomic<bool>* writer_failed);

  // Returns when every stimulus is over. Empty, or one sentence on what broke.
  std::string run();

  // Responses while no stimulus was pending.
  std::uint64_t spurious() const { return train_.counts().spurious + stale_; }

 private:
  enum class Step { go_on, skip, broken };

  std::string run_open();
  std::string run_back_to_back();
  std::string end();
  bool get_ready(std::int64_t due_ns);
  Step wait_while_pending(std::int64_t due_ns);
  bool watches() const { return pulses_.decisions || pulses_.back_to_back; }
  bool watch(std::int64_t until_ns);
  std::int64_t next_edge_ns() const;
  std::int64_t scene_late_ns() const;
  std::int64_t wakes_at(std::int64_t until_ns) const;
  bool send_frame();
  bool stimulate();
  void note_stimulus();
  bool take_responses();
  void give_up_until(std::int64_t ns);
  bool hand_over();
  bool broken(std::string why);

  LoopbackPins* pins_;
  HandedRing* ring_;
  const std::atomic<bool>* writer_failed_;
  std::uint32_t first_index_;
  PulseSettings pulses_;
  PulseTrain train_;
  bool high_ = false;
  bool noted_ = true;              // the train knows of the stimulus that was set last
  std::int64_t edge_ns_ = 0;       // when its last frame was sent
  std::uint32_t frames_left_ = 0;  // of the stimulus that was set last: edges that are still to come
  std::int64_t before_ns_ = -1;
  std::int64_t after_ns_ = -1;
  std::int64_t abandon_at_ns_ = 0;
  std::uint64_t stale_ = 0;
  std::vector<std::int64_t> stamps_ns_;
  std::vector<Sample> finished_;
  std::string problem_;
};

}  // namespace loopgate
