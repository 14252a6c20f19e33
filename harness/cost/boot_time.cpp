#include "cost/boot_time.h"

#include <charconv>

namespace loopgate {

std::optional<double> boot_seconds(std::string_view console) {
  const std::size_t said = console.find("] loopgate: the agent started");
  if (said == std::string_view::npos) return std::nullopt;
  const std::size_t line = console.rfind('\n', said) + 1;  // 0 where there is no line before
  std::size_t begin = console.find('[', line);
  if (begin == std::string_view::npos || begin > said) return std::nullopt;
  begin = console.find_first_not_of(' ', begin + 1);
  double seconds = 0;
  const auto read = std::from_chars(console.data() + begin, console.data() + said, seconds);
  if (read.ec != std::errc() || read.ptr != console.data() + said || !(seconds >= 0)) return std::nullopt;
  return seconds;
}

}  // namespace loopgate
