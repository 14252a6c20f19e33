// A sample's call chains as frames that open and close: what every viewer of call chains is given.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explain/sample/explained_sample.h"

namespace loopgate {

struct Frame {
  enum class Kind : std::uint8_t { task, interrupt, function };
  Kind kind = Kind::task;
  std::uint32_t index = 0;  // a task's or a function's; of an interrupt: 0

  bool operator==(const Frame&) const = default;
};

struct FrameEvent {
  std::int64_t at_ns = 0;
  bool opens = false;
  std::uint32_t task = 0;  // in whose context
  Frame frame;
};

// In order of time; every frame closes before the one that it opened in. The outermost is the task, which
// closes when another comes; an interrupt's frame lies between what it interrupted and its own functions.
std::vector<FrameEvent> frame_events(const ExplainedSample& sample);

// "irq/23-responde (45)"
std::string task_label(const ExplainedSample& sample, std::uint32_t task);
std::string frame_label(const ExplainedSample& sample, const Frame& frame);

// Text as a JSON string. Names come from the guest's memory, so what isn't UTF-8 is replaced.
std::string json_string(const std::string& text);

}  // namespace loopgate
