// Reads a trace of the plugin's (protocol/trace_file.h), sample by sample.
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
  std::vector<TraceEvent> events;
};

class TraceReader {
 public:
  // `bytes` must outlive the reader.
  static Result<TraceReader> open(std::string_view bytes);

  // The next sample; `*out` is left alone at the file's end. False then. A data error where the file is no
  // sequence of whole records, or was cut off in a sample.
  Result<bool> next(TracedSample* out);
  const std::vector<TraceBlock>& blocks() const { return blocks_; }

 private:
  explicit TraceReader(std::string_view rest) : rest_(rest) {}
  Status take_record(TraceRecord* record, std::vector<std::uint64_t>* words);
  Status take_block(const std::vector<std::uint64_t>& words);

  std::string_view rest_;
  std::vector<TraceBlock> blocks_;
};

TraceTask task_in(const std::vector<std::uint64_t>& words, std::size_t number = 0);

}  // namespace loopgate
