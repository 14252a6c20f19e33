// A capture of now, through sigrok-cli, into a session file. Not as CSV: libsigrok 0.5.2's CSV output of a
// running device loses samples without a word, or crashes, where the device's packets differ in size
// (decisions/0022).
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

std::vector<std::string> sigrok_command(const LiveCapture& capture, const ChannelNames& channels,
                                        const std::filesystem::path& file);

// Runs it to its end, which has a limit. An infrastructure error when there is no sigrok-cli or no such
// device, or when it fails or writes nothing.
Status capture_live(const LiveCapture& capture, const ChannelNames& channels,
                    const std::filesystem::path& file);

}  // namespace loopgate
