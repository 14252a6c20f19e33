// Reads what the plugin watched (instrument/watch_file.h), sample by sample.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/trace_file.h"

namespace loopgate {

struct WatchedBlock {
  std::uint64_t address = 0;
  std::uint32_t instructions = 0;
  std::uint32_t last_opcode = 0;
  std::uint64_t end() const { return address + std::uint64_t{4} * instructions; }
};

struct WatchedEvent {
  TraceKind kind = TraceKind::run;
  std::int64_t at_ns = 0;   // of `run`; the others happen at the `run` that follows them
  std::uint32_t block = 0;  // of `run`: in WatchReader::blocks()
  std::vector<std::uint64_t> words;
};

struct WatchedSample {
  std::uint32_t sample = 0;
  std::int64_t stimulus_ns = 0;
  std::int64_t response_ns = 0;
  bool given_up = false;
  std::vector<WatchedEvent> events;
};

class WatchReader {
 public:
  // `bytes` must outlive the reader.
  static Result<WatchReader> open(std::string_view bytes);

  // The next sample; `*out` is left alone at the file's end. False then. A data error where the file is no
  // sequence of whole records, or was cut off in a sample.
  Result<bool> next(WatchedSample* out);
  const std::vector<WatchedBlock>& blocks() const { return blocks_; }

 private:
  explicit WatchReader(std::string_view rest) : rest_(rest) {}
  Status take_record(TraceRecord* record, std::vector<std::uint64_t>* words);
  Status take_block(const std::vector<std::uint64_t>& words);

  std::string_view rest_;
  std::vector<WatchedBlock> blocks_;
};

TraceTask task_in(const std::vector<std::uint64_t>& words, std::size_t number = 0);

}  // namespace loopgate
