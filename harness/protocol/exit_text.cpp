#include "protocol/exit_text.h"

#include <charconv>

namespace loopgate {
namespace {

constexpr std::string_view exited = "exited ";
constexpr std::string_view by_signal = "signal ";

std::optional<int> number_after(std::string_view words, std::string_view text) {
  if (!text.starts_with(words)) return std::nullopt;
  int number = 0;
  const char* end = text.data() + text.size();
  const auto [parsed, error] = std::from_chars(text.data() + words.size(), end, number);
  return error == std::errc() && parsed == end && number >= 0 ? std::optional(number) : std::nullopt;
}

}  // namespace

std::string exited_text(int status) { return std::string(exited) + std::to_string(status); }

std::string signalled_text(int signal) { return std::string(by_signal) + std::to_string(signal); }

std::optional<int> exit_status_of(std::string_view text) { return number_after(exited, text); }

std::optional<int> signal_of(std::string_view text) { return number_after(by_signal, text); }

}  // namespace loopgate
