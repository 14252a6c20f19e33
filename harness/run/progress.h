// What a person sees while cells run: one line that is rewritten on a terminal, plain lines elsewhere.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "machine/machine.h"

namespace loopgate {

class Progress {
 public:
  // `stream` is not owned. `boot_limit`: how long a boot may take, "60 s of virtual time"; may be empty.
  // While something runs the line is shown again now and then, also where nothing comes from it.
  Progress(std::FILE* stream, bool terminal, std::size_t cells, std::uint64_t stimuli_a_cell,
           std::string boot_limit = {}, std::chrono::milliseconds tick = std::chrono::seconds(1));
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From any thread.
  void update(const std::string& cell, Stage stage, const InstrumentEvent& event);
  // In a run of its own, of so many stimuli, which go before those of a cell.
  void again(const std::string& cell, std::uint64_t stimuli);
  void ended(const std::string& cell);  // is no part of the line any more
  void finished(const std::string& cell, const std::string& how);
  void finished_aside(const std::string& what, const std::string& how);  // none of the cells
  void skipped(const std::string& how);  // finished by an earlier run: no part of the time that is left
  void note(const std::string& text);

 private:
  using Clock = std::chrono::steady_clock;
  struct Running {
    Stage stage = Stage::booting;
    std::uint64_t due = 0;
    std::uint64_t answered = 0;
    Clock::time_point since = Clock::now();  // of the stage
    std::uint64_t stimuli = 0;               // of a run of its own; 0: as many as each cell has
  };

  std::string line() const;
  std::string time_left() const;
  void show(bool new_stage);
  void tick(const std::stop_token& stop, std::chrono::milliseconds interval);
  void wipe();

  std::FILE* stream_;
  bool terminal_;
  std::size_t cells_;
  std::uint64_t stimuli_a_cell_;
  std::mutex mutex_;
  std::map<std::string, Running> running_;
  std::size_t done_ = 0;
  std::size_t skipped_ = 0;
  Clock::time_point start_ = Clock::now();
  Clock::time_point shown_{};
  std::size_t width_ = 0;
  std::string boot_limit_;
  std::condition_variable_any ended_;
  std::jthread ticker_;  // the last: it ends before what it shows
};

}  // namespace loopgate
