// The memory that the bench and the guest share (base/channel.h), as the host has it: a file that QEMU maps.
// What the guest wrote is not believed: a size or count of its own never leads beyond the area that it may
// write.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "config/suite.h"
#include "machine/machine.h"
#include "protocol/channel.h"

namespace loopgate {

class SharedMemory {
 public:
  // The file, with room reserved, so that a full disk fails here and not as a bus error in QEMU.
  static Status make(const std::filesystem::path& path, const ChannelLayout& layout);
  static Result<SharedMemory> open(const std::filesystem::path& path, const ChannelLayout& layout);

  ~SharedMemory();
  SharedMemory(SharedMemory&& other) noexcept : memory_(other.memory_), layout_(other.layout_) {
    other.memory_ = nullptr;
  }
  SharedMemory(const SharedMemory&) = delete;
  SharedMemory& operator=(const SharedMemory&) = delete;
  SharedMemory& operator=(SharedMemory&&) = delete;

  // At most job_size_max bytes.
  void write_job(const std::string& job);
  // An infrastructure error when the file is no longer the one that was planned with.
  Status write_file(const PayloadFile& file);

  // The payload's records, header and all. Empty when it left none.
  std::string records() const;
  // Empty unless both texts are there.
  KernelSymbols symbols() const;
  std::string report() const;

 private:
  SharedMemory(std::byte* memory, const ChannelLayout& layout) : memory_(memory), layout_(layout) {}
  ChannelHeader* header() const { return reinterpret_cast<ChannelHeader*>(memory_); }
  std::byte* memory_;
  ChannelLayout layout_;
};

}  // namespace loopgate
