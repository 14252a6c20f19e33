// The plugin's end of the events FIFO, a line an event: read by the harness.
#pragma once

#include <filesystem>

#include "protocol/instrument_event.h"

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
  void write(const InstrumentEvent& event);

 private:
  int fd_;
};

}  // namespace loopgate
