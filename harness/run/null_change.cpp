#include "run/null_change.h"

#include <cstddef>

namespace loopgate {
namespace {

constexpr std::string_view null_parameter = "loopgate.null=";
constexpr std::size_t characters_a_change = 7;  // odd, so that it shifts every alignment

}  // namespace

std::string null_argument(int change) {
  if (change <= 0) return {};
  return std::string(null_parameter) +
         std::string(characters_a_change * static_cast<std::size_t>(change), 'x');
}

int null_change_in(std::string_view command_line) {
  const std::size_t begin = command_line.find(null_parameter);
  if (begin == std::string_view::npos || (begin > 0 && command_line[begin - 1] != ' ')) return 0;
  const std::string_view rest = command_line.substr(begin + null_parameter.size());
  const std::string_view padding = rest.substr(0, rest.find(' '));
  return static_cast<int>(padding.size() / characters_a_change);
}

std::string given_arguments(const Kernel& kernel, int change) {
  const std::string null = null_argument(change);
  if (null.empty() || kernel.arguments.empty()) return null + kernel.arguments;
  return null + " " + kernel.arguments;
}

}  // namespace loopgate
