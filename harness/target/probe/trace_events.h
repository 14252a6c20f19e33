// What the events of a page say, as far as following a stimulus and naming its tasks needs it. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "target/probe/trace_format.h"
#include "target/probe/trace_page.h"

namespace loopgate {

struct TraceEvent {
  enum class Kind { loss, handler_entry, waking, switched, pin_set };
  Kind kind = Kind::loss;
  std::int64_t at_ns = 0;
  std::int32_t task = 0;      // that is on the CPU, or leaves it
  std::int32_t other = 0;     // the task that is woken, or comes onto the CPU; the interrupt's number
  bool falls_asleep = false;  // the task that leaves the CPU
};

// The text of each event's format.
struct TraceTexts {
  std::string handler_entry;  // irq:irq_handler_entry
  std::string waking;         // sched:sched_waking
  std::string switched;       // sched:sched_switch
  std::string gpio_value;     // gpio:gpio_value
};

class TraceEvents {
 public:
  // Nothing where a format lacks what is needed.
  static std::optional<TraceEvents> of(const TraceTexts& texts);

  // Nothing for an event of another kind, or one that is too short.
  std::optional<TraceEvent> read(const PageEvent& event) const;

  // Adds the names of both tasks where it is a switch.
  void add_names(const PageEvent& event, std::map<std::int32_t, std::string>* names) const;

 private:
  // An event that has two fields of interest has a second; else it is the first again.
  struct Known {
    TraceEvent::Kind kind = TraceEvent::Kind::loss;
    int id = -1;
    TraceField task, first, second;
  };

  // Of a switch: the task that leaves the CPU, and the one that comes.
  struct Named {
    TraceField pid, name;
  };

  TraceField type_;
  std::vector<Known> known_;
  int switched_ = -1;
  std::vector<Named> named_;
};

}  // namespace loopgate
