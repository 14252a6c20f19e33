// The plain thread beside the one that measures: empties the ring into the files, and says how far it is.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "record/samples_file.h"
#include "schedule/pulse_train.h"
#include "target/loopback/exact_counts.h"
#include "target/loopback/own_stamps.h"
#include "target/loopback/schedule.h"

namespace loopgate {

struct RecorderFiles {
  std::string samples;
  std::string stamps;  // empty: none
};

class Recorder {
 public:
  // The ring must outlive the recorder.
  Recorder(const PulseSettings& pulses, HandedRing* ring) : pulses_(pulses), ring_(ring) {}
  ~Recorder() { finish(); }
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  // Opens the files, writes the self-checks, which stand first, and starts the thread. The thread inherits
  // the caller's scheduling policy: call it before the caller becomes real-time.
  Status start(const RecorderFiles& files, const std::vector<Sample>& self_checks);

  // Becomes true when a file cannot be written.
  const std::atomic<bool>* failed() const { return &failed_; }

  // Ends the thread once the ring is empty. Error: what could not be written.
  Status finish();

  // The files are whole. Only when every stimulus is over.
  Status close_files();

  const PulseCounts& counts() const { return counts_; }
  const ExactCounts& own_share() const { return own_share_; }  // before to after
  const ExactCounts& late_by() const { return late_by_; }      // due to before, of a scene its last frame

 private:
  void work();
  bool empty_ring();
  Status write(const Handed& handed);
  void count(const Sample& sample);
  void show_progress();

  PulseSettings pulses_;
  HandedRing* ring_;
  std::optional<SampleWriter> samples_;
  std::optional<OwnStamps> stamps_;
  PulseCounts counts_;
  ExactCounts own_share_;
  ExactCounts late_by_;
  Status written_;
  std::uint64_t shown_due_ = 0;
  bool counting_ = false;
  std::atomic<bool> failed_{false};
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

}  // namespace loopgate
