// A logic analyser's capture, read as a stream: a hundred million samples take no memory.
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

// The levels from this sample on; the first call is of sample 0, each later one of a sample with a change.
using OnLevels = std::function<Status(std::uint64_t sample, Levels levels)>;

class CaptureReader {
 public:
  virtual ~CaptureReader() = default;
  virtual std::uint64_t samplerate_hz() const = 0;
  // To the end, once. Gives the number of samples, at least one.
  virtual Result<std::uint64_t> read(const OnLevels& on_levels) = 0;
};

// What `sigrok-cli -O csv` or `-O srzip` wrote. A data error for what is damaged, cut off, of another kind,
// or has no sample rate; a usage error for a channel that it does not have.
Result<std::unique_ptr<CaptureReader>> open_capture(const std::filesystem::path& path,
                                                    const ChannelNames& channels);

}  // namespace loopgate
