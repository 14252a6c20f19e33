// Which locks held a stimulus's answer up: of a recorded run on whose kernel locks are followed. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "hunt/volley.h"
#include "record/samples_file.h"

namespace loopgate {

// Process ids; nothing where no stimulus was answered by a task of a real-time class.
struct TasksOnWay {
  std::optional<std::uint32_t> irq_thread;  // runs first behind most of the run's quickest stimuli
  std::optional<std::uint32_t> payload;     // runs as most of the responses come
};
TasksOnWay tasks_on_way(const VolleyEnd& run);

struct LockOnWay {
  std::size_t wait = 0;  // the lock_wait's number among the windows
  std::int64_t length_ns = 0;
  std::int64_t usual_ns = 0;  // what the median stimulus waits for a lock between the same two places
};

class LocksOnWay {
 public:
  // The run must outlive it. What was never answered is on its way for as long as an answer was waited for.
  LocksOnWay(const VolleyEnd& run, std::int64_t response_timeout_ns);

  // What irq thread and payload waited for between stimulus and response, or until that was given up; what
  // they waited longest beyond the usual comes first.
  std::vector<LockOnWay> of(const Sample& sample) const;

 private:
  std::vector<LockOnWay> waits_within(const Sample& sample) const;
  void learn_usual(const std::vector<Sample>& samples);

  const RecordedSections& sections_;
  const std::int64_t response_timeout_ns_;
  std::vector<std::size_t> waits_;               // of irq thread and payload, by their begin
  std::map<std::uint32_t, std::int64_t> usual_;  // by places, of those that are
};

}  // namespace loopgate
