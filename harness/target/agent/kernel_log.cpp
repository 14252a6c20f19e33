#include "target/agent/kernel_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <optional>

#include "target/agent/descriptor.h"

namespace loopgate {
namespace {

// CONSOLE_EXT_LOG_MAX, which no record exceeds.
constexpr std::size_t longest_record = 8'192;

// The second of the numbers at a record's beginning; nothing where it has none.
std::optional<std::uint64_t> number_of(std::string_view record) {
  const std::size_t begin = record.find(',');
  if (begin == std::string_view::npos) return {};
  const std::string_view text = record.substr(begin + 1);
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end == text.data() + text.size() || *end != ',') return {};
  return number;
}

}  // namespace

void take_record(std::string_view record, const std::vector<std::string>& words, KernelLog* log) {
  const std::size_t begin = record.find(';');
  const auto number = number_of(record.substr(0, begin));
  if (begin == std::string_view::npos || !number) return;
  if (*number == 0) log->is_whole = true;
  std::string_view text = record.substr(begin + 1);
  text = text.substr(0, text.find('\n'));
  const auto has = [&](const std::string& word) { return text.find(word) != std::string_view::npos; };
  if (std::ranges::any_of(words, has)) log->lines.emplace_back(text);
}

KernelLog read_kernel_log(const std::string& path, const std::vector<std::string>& words) {
  KernelLog log;
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file.get() < 0) return log;
  std::array<char, longest_record> record{};
  for (;;) {
    const ssize_t size = ::read(file.get(), record.data(), record.size());
    if (size > 0) take_record({record.data(), static_cast<std::size_t>(size)}, words, &log);
    // EPIPE: records were overwritten before they were read; the next read goes on behind them.
    if (size == 0 || (size < 0 && errno != EINTR && errno != EPIPE)) return log;
  }
}

}  // namespace loopgate
