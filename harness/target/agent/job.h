// The bench's order: which tuning to apply and check, which load to run, and which payload answers the
// stimulus.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct FileRule {
  std::string path;
  std::string value;
  std::string reads;  // what reading it back must give
};

// Holds for the kernel threads whose name the pattern (fnmatch(3)) matches, unless an earlier rule matched.
struct ThreadRule {
  std::string name;
  int policy = 0;  // SCHED_OTHER, SCHED_FIFO or SCHED_RR
  int priority = 0;
  bool required = true;  // at least one thread must match
};

// Exactly one of equals and contains is checked.
struct FileCheck {
  std::string name;
  std::string file;
  std::string expected;
  bool whole = true;  // the whole content without its end of line, or a part of it
};

struct PartSpec {
  std::string name;
  std::vector<std::string> argv;
  int stop_signal = 0;
  std::string output;  // a file that the part writes at its end; empty: none
  int processes_at_least = 1;
  double cpu_ms_at_least = 0;
  std::chrono::milliseconds ready_within{};
};

// A file for the payload, in the shared memory's area for files.
struct FileSpec {
  std::string path;  // where to write it
  std::size_t offset = 0;
  std::size_t size = 0;
};

struct PayloadSpec {
  std::vector<std::string> argv;
  std::vector<FileSpec> files;
  std::chrono::milliseconds ready_within{};
  std::vector<int> cpus{};  // that it keeps to; empty: any
};

// The instrument that runs on the board itself: it checks its wires before the payload has its lines, and
// measures once all is ready. Its end ends the measuring.
struct InstrumentSpec {
  std::vector<std::string> check_argv;
  std::vector<std::string> argv;
  int cpu = -1;  // that it keeps to; -1: any
  std::chrono::milliseconds check_within{};
  std::chrono::milliseconds within{};
  std::vector<std::string> files;  // what it leaves and the report is to carry
};

struct Job {
  std::vector<FileRule> files;
  std::vector<ThreadRule> threads;
  std::vector<FileCheck> checks;
  std::vector<PartSpec> parts;
  std::chrono::milliseconds settle{};  // how long the load runs, once attested, before the payload starts
  PayloadSpec payload;
  std::optional<InstrumentSpec> instrument;  // nothing: somebody outside of the board measures
};

// Refuses whatever it does not know: the sentence names the key. Kind: data.
Result<Job> parse_job(std::string_view text);

}  // namespace loopgate
