#include "programs/result/self_measurement.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {

Status WholeFileReader::take(std::string_view portion) {
  if (portion.size() > largest_whole_file - text_.size())
    return fail(ErrorKind::data, fmt::format("is larger than {} MiB", largest_whole_file >> 20U),
                "measure with fewer bins; a histogram text may be of any size");
  text_ += portion;
  return {};
}

namespace {

constexpr std::string_view stopped = "it stopped at its own limit, ";

}  // namespace

std::string stopped_at_own_limit(const std::string& limit) {
  return fmt::format("{}{}: what it would have measured after that, nobody knows", stopped, limit);
}

bool is_stopped_at_own_limit(std::string_view why_invalid) { return why_invalid.starts_with(stopped); }

tl::unexpected<Error> other_unit_than_asked(const std::string& where, bool in_ns) {
  if (in_ns)
    return fail(ErrorKind::usage, where + " is of nanoseconds, and the file is read as one of microseconds",
                "give --unit ns");
  return fail(ErrorKind::usage, where + " is of microseconds, and --unit says ns", "leave out --unit");
}

std::string shown(std::string_view text, std::size_t most) {
  std::string one_line;
  for (const char c : text.substr(0, most)) one_line += c >= 0x20 && c < 0x7f ? c : '?';
  return text.size() > most ? one_line + "..." : one_line;
}

bool ResultOptions::wants(const std::string& thread) const {
  return threads.empty() || std::ranges::find(threads, thread) != threads.end();
}

}  // namespace loopgate
