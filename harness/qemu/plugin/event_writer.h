// The plugin's end of the events FIFO: one JSON object a line, read by the harness.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>

namespace loopgate {

class EventWriter {
 public:
  // Opens the FIFO for writing; writes go to stderr when it can't be opened, so that a run by hand shows
  // them.
  explicit EventWriter(const std::filesystem::path& fifo);
  ~EventWriter();
  EventWriter(const EventWriter&) = delete;
  EventWriter& operator=(const EventWriter&) = delete;

  // One write of less than PIPE_BUF bytes, so that a line is never split.
  void write(const nlohmann::json& event);

 private:
  int fd_;
};

}  // namespace loopgate
