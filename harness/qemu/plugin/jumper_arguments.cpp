#include <algorithm>
#include <charconv>
#include <string_view>

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

std::optional<JumperWire> parse_stuck(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto wire = parse_wire(text.substr(0, colon));
  const auto changes = parse_number<std::uint32_t>(text.substr(colon + 1));
  if (!wire || !changes) return std::nullopt;
  wire->sticks_after = *changes;
  return wire;
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
    if (key != "wire" && key != "stuck") return refuse(argument, "is not known");
    const auto wire = key == "wire" ? parse_wire(value) : parse_stuck(value);
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
