// Captures live with sigrok-cli into a session file. Not as CSV: with a running device whose packets differ
// in size, libsigrok 0.5.2's CSV output silently loses samples, or crashes (decisions/0022).
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "capture/capture_reader.h"

namespace loopgate {

struct LiveCapture {
  std::string driver;  // as sigrok-cli's --driver takes it: "fx2lafw", "demo", "saleae-logic16:conn=1.4"
  std::uint64_t samplerate_hz = 0;
  std::chrono::seconds duration{10};

  std::uint64_t samples() const { return samplerate_hz * static_cast<std::uint64_t>(duration.count()); }
};

// Errors: usage, for a capture that the driver would never end: names the longest possible duration.
Status check_length(const LiveCapture& capture);

std::vector<std::string> sigrok_command(const LiveCapture& capture, const ChannelNames& channels,
                                        const std::filesystem::path& file);

// Runs it to its end, within a time limit. Errors: those of check_length(); infrastructure, when sigrok-cli
// or the device is missing, or when it fails or writes nothing.
Status capture_live(const LiveCapture& capture, const ChannelNames& channels,
                    const std::filesystem::path& file);

}  // namespace loopgate
