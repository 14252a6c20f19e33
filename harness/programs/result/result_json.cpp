#include "programs/result/result_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "base/json.h"
#include "programs/result/self_measurement.h"
#include "programs/result/text_lines.h"

namespace loopgate {
namespace {

constexpr std::size_t deepest = 64;

// How deep brackets go, whatever stands in quotes: more than any of these files, and less than a stack.
bool is_too_deep(std::string_view text) {
  std::size_t depth = 0;
  for (const char c : text) {
    if (c == '{' || c == '[') ++depth;
    if ((c == '}' || c == ']') && depth > 0) --depth;
    if (depth > deepest) return true;
  }
  return false;
}

// "avg": nan or -nan
std::string with_null_for_nan(std::string text) {
  for (const char* nan : {": -nan", ": nan"})
    for (std::size_t at = text.find(nan); at != std::string::npos; at = text.find(nan, at))
      text.replace(at, std::char_traits<char>::length(nan), ": null");
  return text;
}

// rt-tests escape nothing: a quote in the command that they were called with ends its text too early. The
// command has a line of its own.
std::string with_escaped_command(const std::string& text) {
  constexpr std::string_view begins = "\n  \"cmdline:\": \"";
  constexpr std::string_view ends = "\",\n";
  const std::size_t key = text.find(begins);
  if (key == std::string::npos) return text;
  const std::size_t begin = key + begins.size();
  const std::size_t end = text.find(ends, begin);
  const std::size_t line_end = text.find('\n', begin);
  if (end == std::string::npos || line_end < end) return text;
  std::string escaped;
  for (const char c : std::string_view(text).substr(begin, end - begin)) {
    if (c == '"' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return text.substr(0, begin) + escaped + text.substr(end);
}

}  // namespace

std::string key_given_twice(std::string_view text) {
  std::vector<std::set<std::string>> keys;  // of each object that is open
  std::string twice;
  const auto look = [&](int, nlohmann::json::parse_event_t event, nlohmann::json& value) {
    if (event == nlohmann::json::parse_event_t::object_start) keys.emplace_back();
    if (event == nlohmann::json::parse_event_t::object_end) keys.pop_back();
    if (event == nlohmann::json::parse_event_t::key && twice.empty()) {
      const auto key = value.get<std::string>();
      if (!keys.back().insert(key).second) twice = key;
    }
    return true;
  };
  (void)nlohmann::json::parse(text, look, false);
  return twice;
}

Result<nlohmann::json> json_of_result(const std::string& text) {
  const char* again = "take the file as the program wrote it, or measure again";
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) return fail(ErrorKind::data, "is empty", again);
  if (is_too_deep(text)) return fail(ErrorKind::data, "is no such JSON: its brackets go too deep", again);
  std::string json = with_null_for_nan(text);
  nlohmann::json document = parse_json(json);
  if (document.is_discarded()) document = parse_json(json = with_null_for_nan(with_escaped_command(text)));
  if (document.is_object()) {
    const std::string twice = key_given_twice(json);
    if (twice.empty()) return document;
    return fail(ErrorKind::data,
                fmt::format("contradicts itself: the key \"{}\" stands in one object twice", shown(twice)),
                again);
  }
  // Where a line tells more than the whole: a file that ends early ends in its last line.
  const auto lines = std::ranges::count(text, '\n');
  return fail(ErrorKind::data,
              fmt::format("is no JSON object: it was cut off (line {} is its last) or altered", lines + 1),
              again);
}

std::optional<std::uint64_t> json_number(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return std::nullopt;
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number_unsigned()) return std::nullopt;
  return found->get<std::uint64_t>();
}

std::string json_text(const nlohmann::json& object, const char* key) {
  if (!object.is_object()) return {};
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? shown(found->get<std::string>(), 400) : std::string();
}

std::optional<std::uint64_t> number_named(const std::string& name) { return whole_number(name); }

}  // namespace loopgate
