// The payload's records of its frames (protocol/records.h), as it writes them into a file in the board's
// memory: the instrument reads the latest frame's number there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace loopgate {

class PayloadRecords {
 public:
  // Maps the file, in which the payload has written its header: it did so before READY=1. Empty, or one
  // sentence.
  std::string open(const std::string& path);

  PayloadRecords() = default;
  ~PayloadRecords();
  PayloadRecords(const PayloadRecords&) = delete;
  PayloadRecords& operator=(const PayloadRecords&) = delete;

  // 0: none yet. Only after open().
  std::uint64_t latest_frame() const;

 private:
  void* memory_ = nullptr;
};

}  // namespace loopgate
