#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

#include "qemu/plugin/jumper.h"

namespace loopgate {
namespace {

constexpr int lines_of_controller = 8;  // a PL061's

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<int> parse_line(std::string_view text) {
  const auto line = parse_number<int>(text);
  return line && *line >= 0 && *line < lines_of_controller ? line : std::nullopt;
}

std::optional<JumperWire> parse_wire(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto from = parse_line(text.substr(0, colon));
  const auto to = parse_line(text.substr(colon + 1));
  if (!from || !to || *from == *to) return std::nullopt;
  return JumperWire{*from, *to};
}

// OUT:IN:NUMBER
std::optional<std::pair<JumperWire, std::uint32_t>> parse_faulty(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto wire = parse_wire(text.substr(0, colon));
  const auto number = parse_number<std::uint32_t>(text.substr(colon + 1));
  if (!wire || !number) return std::nullopt;
  return std::pair(*wire, *number);
}

std::optional<JumperWire> parse_any(std::string_view key, std::string_view value) {
  if (key == "wire") return parse_wire(value);
  auto faulty = parse_faulty(value);
  if (!faulty || (key == "drop" && faulty->second == 0)) return std::nullopt;
  (key == "drop" ? faulty->first.drops_each : faulty->first.sticks_after) = faulty->second;
  return faulty->first;
}

tl::unexpected<Error> refuse(const std::string& argument, const std::string& why) {
  return fail(ErrorKind::usage, "the jumper's argument " + argument + ": " + why,
              "give wire=OUT:IN for each wire, such as wire=6:0");
}

}  // namespace

Result<JumperSettings> parse_jumper(const std::vector<std::string>& arguments) {
  JumperSettings settings;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    const std::string key = argument.substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (key == "controller" && !value.empty()) {
      settings.controller = value;
      continue;
    }
    if (key != "wire" && key != "stuck" && key != "drop") return refuse(argument, "is not known");
    const auto wire = parse_any(key, value);
    if (!wire) return refuse(argument, "must name two different lines from 0 to 7");
    const bool taken = std::ranges::any_of(settings.wires, [&](const JumperWire& other) {
      return other.from == wire->from || other.to == wire->to;
    });
    if (taken) return refuse(argument, "one of its lines has a wire already");
    settings.wires.push_back(*wire);
  }
  if (settings.wires.empty()) return fail(ErrorKind::usage, "the jumper has no wire", "give wire=OUT:IN");
  return settings;
}

}  // namespace loopgate
