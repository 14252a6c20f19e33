// Reads a logic analyser's capture as a stream, so that a hundred million samples need no memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace loopgate {

struct ChannelNames {
  std::string stimulus;
  std::string response;
};

struct Levels {
  bool stimulus = false;
  bool response = false;
  bool operator==(const Levels&) const = default;
};

// Called with the levels from this sample on: first for sample 0, then for each sample with a change.
using OnLevels = std::function<Status(std::uint64_t sample, Levels levels)>;

class CaptureReader {
 public:
  virtual ~CaptureReader() = default;
  virtual std::uint64_t samplerate_hz() const = 0;
  // Reads to the end; call it once. Gives the number of samples, at least one.
  virtual Result<std::uint64_t> read(const OnLevels& on_levels) = 0;
};

// Opens the output of `sigrok-cli -O csv` or `-O srzip`. Errors: data for a file that is damaged, truncated,
// of another kind or without a sample rate; usage for a channel that it does not have.
Result<std::unique_ptr<CaptureReader>> open_capture(const std::filesystem::path& path,
                                                    const ChannelNames& channels);

}  // namespace loopgate
