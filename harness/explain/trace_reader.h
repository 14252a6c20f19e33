// Reads a trace of the plugin's (protocol/trace_file.h), sample by sample or path by path.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/trace_file.h"

namespace loopgate {

struct TraceBlock {
  std::uint64_t address = 0;
  std::uint32_t instructions = 0;
  std::uint32_t last_opcode = 0;
  std::uint32_t size = 0;  // in bytes
};

struct TraceEvent {
  TraceKind kind = TraceKind::run;
  std::uint16_t cpu = 0;
  std::int64_t at_ns = 0;   // of `run`; the others happen at their CPU's next `run`
  std::uint32_t block = 0;  // of `run`: in TraceReader::blocks()
  std::vector<std::uint64_t> words;
};

struct TracedSample {
  std::uint32_t sample = 0;
  std::int64_t stimulus_ns = 0;
  std::int64_t response_ns = 0;
  std::uint16_t response_cpu = 0;  // where the store was that moved the pin
  bool given_up = false;
  std::uint64_t preempt_jump = 0;  // TraceKind::preempt_jump
  std::vector<TraceEvent> events;
};

// The instructions that were executed on one's behalf between a program's marks.
struct TracedPathPart {
  struct Count {
    std::uint64_t address = 0;  // of a block; 0: all of user space
    std::uint64_t instructions = 0;
  };
  TraceTask task = {};
  bool interrupt = false;  // in an interrupt that the task did not ask for
  std::vector<Count> counts;
};

// From a program's begin mark to its end mark. All counts, `idle_ns`, `unknown_ns` and what is outside of the
// timed parts add up to the time.
struct PathWindow {
  std::int64_t begin_ns = 0;
  std::int64_t end_ns = 0;
  std::int64_t idle_ns = 0;
  std::int64_t unknown_ns = 0;
  // 0 timed parts: all of the path is timed, and nothing outside.
  std::uint64_t outside_instructions = 0;
  std::int64_t outside_idle_ns = 0;
  std::uint64_t timed_parts = 0;
  std::uint64_t misplaced_marks = 0;
  bool finished = false;  // the end mark was reached
  TraceTask task = {};    // that executed the begin mark
  std::vector<TracedPathPart> parts;
};

class TraceReader {
 public:
  // `bytes` must outlive the reader.
  static Result<TraceReader> open(std::string_view bytes);

  // The next sample; `*out` is left alone at the file's end. False then. A data error where the file is no
  // sequence of whole records, or was cut off in a sample.
  Result<bool> next(TracedSample* out);

  // The same of paths. A data error, too, where a window's instructions do not add up to its time, or the
  // file has samples.
  Result<bool> next_path(PathWindow* out);
  const std::vector<TraceBlock>& blocks() const { return blocks_; }

 private:
  explicit TraceReader(std::string_view rest) : rest_(rest) {}
  Status take_record(TraceRecord* record, std::vector<std::uint64_t>* words);
  Status take_block(const std::vector<std::uint64_t>& words);
  Status take_path_part(PathWindow* path, std::int64_t* left_ns);

  std::string_view rest_;
  std::vector<TraceBlock> blocks_;
};

// Whether a call chain that was read from a task's stack names any caller: each switch to a thread has some.
bool has_callers(const TracedSample& sample);

TraceTask task_in(const std::vector<std::uint64_t>& words, std::size_t number = 0);

}  // namespace loopgate
