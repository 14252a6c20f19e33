#include "capture/sigrok_live.h"

#include <fmt/format.h>

#include "base/process.h"
#include "base/text.h"

namespace loopgate {
namespace {

// Finding the device, loading its firmware and packing the data.
constexpr std::chrono::seconds beside_capturing{60};

}  // namespace

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
