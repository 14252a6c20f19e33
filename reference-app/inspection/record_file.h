// Writes the layout of records.h into a mapped file, which may be a device's memory: plain aligned 64-bit
// stores, with a barrier wherever a reader must see them in order.
#pragma once

#include <cstdint>
#include <filesystem>

#include "inspection/descriptor.h"
#include "inspection/error.h"
#include "protocol/clock_pair.h"
#include "protocol/records.h"

namespace loopgate::inspection {

class RecordFile {
 public:
  // Maps `size` bytes at `offset` (a multiple of 64) of the file, clears them, and touches every page. Fails
  // with exit_usage.
  static Result<RecordFile> open(const std::filesystem::path& file, std::uint64_t offset, std::uint64_t size);

  // Writes the header, the magic last. False when the data read back differs.
  bool begin(const ClockPair& clocks);

  // Before the pins are set: stores the record, if there is room, and the frame's number, with `done_ns` 0.
  void decided(const FrameRecord& record);

  // After the pins are set: completes the record of the last decided().
  void done(std::int64_t done_ns);

  std::uint64_t not_stored() const { return not_stored_; }

 private:
  RecordFile(Mapping mapping, std::size_t begin, std::uint64_t size);

  volatile std::uint64_t* word(std::uint64_t byte) const;
  volatile std::uint64_t* record_word(std::uint64_t index, std::size_t byte) const;

  Mapping mapping_;
  std::size_t begin_;  // offset of the header in the mapping, which starts at a page
  std::uint64_t capacity_;
  std::uint64_t written_ = 0;
  std::uint64_t not_stored_ = 0;
  bool stored_ = false;  // whether there was room for the last record
};

}  // namespace loopgate::inspection
