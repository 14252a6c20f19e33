#include "target/loopback/events.h"

#include <unistd.h>

#include "protocol/clock.h"

namespace loopgate {

nlohmann::json event_of(const char* name, const PulseCounts& counts) {
  return {{"event", name},
          {"monotonic_ns", inspection::now_ns()},
          {"planned", counts.planned},
          {"due", counts.due},
          {"answered", counts.answered},
          {"late", counts.late},
          {"unanswered", counts.unanswered},
          {"not_sent", counts.not_sent},
          {"spurious", counts.spurious}};
}

nlohmann::json error_event(const std::string& what) { return {{"event", "error"}, {"what", what}}; }

void say(const nlohmann::json& event) {
  const std::string line = event.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  [[maybe_unused]] const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
}

}  // namespace loopgate
