#include "board/running_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace loopgate {
namespace {

constexpr std::string_view mark_key = "loopgate.candidate=";
// Long enough for the serial port to send the last lines.
constexpr int panic_restarts_after_s = 5;

std::string mark_on(const std::string& command_line) {
  std::size_t at = command_line.find(mark_key);
  if (at == std::string::npos) return {};
  at += mark_key.size();
  return command_line.substr(at, command_line.find_first_of(" \"", at) - at);
}

}  // namespace

std::string running_kernel_script() {
  return "cat /proc/sys/kernel/random/boot_id && uname -r && cat /proc/version /proc/cmdline";
}

Result<RunningKernel> parse_running_kernel(const std::string& answer) {
  std::array<std::string, 4> lines;
  std::size_t at = 0;
  for (std::string& line : lines) {
    const std::size_t end = answer.find('\n', at);
    line = answer.substr(at, end - at);
    at = end == std::string::npos ? answer.size() : end + 1;
  }
  RunningKernel kernel{lines[0], lines[1], lines[2], lines[3], mark_on(lines[3])};
  if (kernel.boot_id.size() == 36 && !kernel.release.empty() && kernel.version.starts_with("Linux version "))
    return kernel;
  return fail(ErrorKind::infrastructure, "the board does not say which kernel it runs",
              "it needs /proc, and sh with cat and uname");
}

std::string candidate_command_line(const SshBoard& boot, const std::string& arguments,
                                   const std::string& mark) {
  std::string line = fmt::format("root={} rw", boot.root);
  if (!boot.console.empty()) line += " console=" + boot.console;
  line += fmt::format(" panic={} {}{}", panic_restarts_after_s, mark_key, mark);
  return arguments.empty() ? line : line + " " + arguments;
}

std::vector<std::string> banners_in(std::string_view image) {
  std::vector<std::string> banners;
  constexpr std::string_view begin = "Linux version ";
  for (std::size_t at = image.find(begin); at != std::string_view::npos; at = image.find(begin, at + 1)) {
    const std::size_t digit = at + begin.size();
    if (digit >= image.size() || std::isdigit(static_cast<unsigned char>(image[digit])) == 0) continue;
    const std::size_t end = image.find_first_of(std::string_view("\n\0", 2), at);
    constexpr std::size_t longest = 1'000;
    if (end != std::string_view::npos && image[end] == '\n' && end - at < longest)
      banners.emplace_back(image.substr(at, end - at));
  }
  return banners;
}

std::string build_in(std::string_view image) {
  constexpr std::size_t setup = 0x200, pointer = 0x20e, longest = 1'000;
  if (image.size() < setup + pointer || image.substr(0x202, 4) != "HdrS") return {};
  const std::size_t low = static_cast<unsigned char>(image[pointer]);
  const std::size_t high = static_cast<unsigned char>(image[pointer + 1]);
  const std::size_t begin = setup + low + (high << 8U);
  const std::size_t end = image.find('\0', begin);
  if (low + high == 0 || end == std::string_view::npos || end - begin > longest) return {};
  const std::string_view text = image.substr(begin, end - begin);
  const std::size_t build = text.find(" #");
  return build == std::string_view::npos ? std::string() : std::string(text.substr(build + 1));
}

std::string difference(const Candidate& wanted, const RunningKernel& seen) {
  if (seen.mark != wanted.mark)
    return fmt::format("{} runs instead",
                       seen.mark.empty() ? "the known-good kernel " + seen.release : "an earlier candidate");
  if (!wanted.release.empty() && seen.release != wanted.release)
    return fmt::format("uname -r is {}, but {} was deployed", seen.release, wanted.release);
  const bool known =
      std::find(wanted.banners.begin(), wanted.banners.end(), seen.version) != wanted.banners.end();
  if (!wanted.banners.empty() && !known)
    return fmt::format("/proc/version is \"{}\", but the image has \"{}\"", seen.version,
                       wanted.banners.back());
  if (wanted.banners.empty() && seen.version.find(wanted.build) == std::string::npos)
    return fmt::format("/proc/version is \"{}\", but build {} was deployed", seen.version, wanted.build);
  return {};
}

}  // namespace loopgate
