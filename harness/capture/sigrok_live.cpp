#include "capture/sigrok_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "base/process.h"
#include "base/text.h"

namespace loopgate {
namespace {

// Finding the device, loading its firmware and packing the data.
constexpr std::chrono::seconds beside_capturing{60};

// libsigrok 0.5.2 counts what these drivers have sent in 32 bits (unsigned int sent_samples in their
// protocol.h), and compares it with a limit of 64: one that it cannot reach never ends the capture
// (sigrokproject/libsigrok#111).
constexpr std::array<std::string_view, 2> counted_in_32_bits = {"fx2lafw", "dreamsourcelab-dslogic"};
constexpr std::uint64_t most_in_32_bits = std::numeric_limits<std::uint32_t>::max();

}  // namespace

Status check_length(const LiveCapture& capture) {
  const std::string driver = capture.driver.substr(0, capture.driver.find(':'));
  const bool counted =
      std::find(counted_in_32_bits.begin(), counted_in_32_bits.end(), driver) != counted_in_32_bits.end();
  if (!counted || capture.samples() <= most_in_32_bits) return {};
  return fail(
      ErrorKind::usage,
      fmt::format("{} s at {} Hz are {} samples, and sigrok's driver {} counts to {} (libsigrok 0.5.2): "
                  "the capture would never end",
                  capture.duration.count(), with_thousands(capture.samplerate_hz),
                  with_thousands(capture.samples()), driver, with_thousands(most_in_32_bits)),
      fmt::format("capture at most {} s at this rate (--seconds), or at a lower rate (--samplerate)",
                  most_in_32_bits / capture.samplerate_hz));
}

std::vector<std::string> sigrok_command(const LiveCapture& capture, const ChannelNames& channels,
                                        const std::filesystem::path& file) {
  // The rate in whole Hz: sigrok takes "2.5M" for 2 Hz.
  return {"sigrok-cli",
          "--driver",
          capture.driver,
          "--config",
          fmt::format("samplerate={}", capture.samplerate_hz),
          "--channels",
          fmt::format("{},{}", channels.stimulus, channels.response),
          "--samples",
          std::to_string(capture.samples()),
          "--output-file",
          file.string()};
}

Status capture_live(const LiveCapture& capture, const ChannelNames& channels,
                    const std::filesystem::path& file) {
  TRY_STATUS(check_length(capture));
  const auto argv = sigrok_command(capture, channels, file);
  if (find_program(argv[0]).empty())
    return fail(ErrorKind::infrastructure, "sigrok-cli is not installed", "install the package sigrok-cli");
  auto done = run_program(argv, 2 * capture.duration + beside_capturing);
  if (!done) return tl::unexpected(done.error());
  const std::string said = last_line(done->errors);
  if (done->exit_status != 0)
    return fail(ErrorKind::infrastructure,
                fmt::format("sigrok-cli exited with status {}: {}", done->exit_status, said),
                fmt::format("try {}", quoted({"sigrok-cli", "--driver", capture.driver, "--show"})));
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored))
    return fail(ErrorKind::infrastructure,
                fmt::format("sigrok-cli captured nothing{}", said.empty() ? "" : ": " + said),
                "check the device, and that no other program uses it: sigrok-cli --scan");
  return {};
}

}  // namespace loopgate
