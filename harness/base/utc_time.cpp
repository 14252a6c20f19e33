#include "base/utc_time.h"

#include <fmt/chrono.h>

#include <charconv>
#include <chrono>
#include <ctime>

namespace loopgate {
namespace {

constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";

bool has_form(std::string_view text) {
  if (text.size() != form.size()) return false;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool is_digit = text[i] >= '0' && text[i] <= '9';
    if (form[i] == 'd' ? !is_digit : text[i] != form[i]) return false;
  }
  return true;
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int number = 0;
  std::from_chars(text.data() + at, text.data() + at + digits, number);
  return number;
}

}  // namespace

std::optional<std::int64_t> unix_seconds(std::string_view utc) {
  if (!has_form(utc)) return std::nullopt;
  const std::chrono::year_month_day day{std::chrono::year(number_at(utc, 0, 4)),
                                        std::chrono::month(static_cast<unsigned>(number_at(utc, 5, 2))),
                                        std::chrono::day(static_cast<unsigned>(number_at(utc, 8, 2)))};
  const int hour = number_at(utc, 11, 2);
  const int minute = number_at(utc, 14, 2);
  const int second = number_at(utc, 17, 2);
  if (!day.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const auto days = std::chrono::sys_days(day).time_since_epoch().count();
  return ((std::int64_t{days} * 24 + hour) * 60 + minute) * 60 + second;
}

std::string utc_now() { return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr))); }

}  // namespace loopgate
