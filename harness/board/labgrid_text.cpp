#include "board/labgrid_text.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <utility>

namespace loopgate {
namespace {

constexpr const char* known_versions = "labgrid 0.4.1 and 26.0 are known to work";

tl::unexpected<Error> not_understood(const char* command, std::string_view line) {
  return fail(ErrorKind::infrastructure, fmt::format("labgrid-client {}: cannot parse \"{}\"", command, line),
              known_versions);
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

// "key: value" or "key:".
bool split(std::string_view line, std::string* key, std::string* value) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return false;
  *key = line.substr(0, colon);
  *value = line.substr(std::min(line.size(), colon + 2));
  return line.size() == colon + 1 || line[colon + 1] == ' ';
}

// "board=pi, site=north"
bool read_tags(std::string_view text, std::map<std::string, std::string>* tags) {
  while (!text.empty()) {
    const std::string_view tag = text.substr(0, text.find(", "));
    const std::size_t equals = tag.find('=');
    if (equals == std::string_view::npos || equals == 0) return false;
    (*tags)[std::string(tag.substr(0, equals))] = tag.substr(equals + 1);
    text.remove_prefix(std::min(text.size(), tag.size() + 2));
  }
  return true;
}

// Drops the fractions of a second.
std::string to_the_second(const std::string& time) { return time.substr(0, time.find('.')); }

bool is_owner(std::string_view text) {
  const std::size_t slash = text.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < text.size();
}

bool take(const std::string& key, const std::string& value, ListedPlace* place) {
  if (key == "tags") return read_tags(value, &place->tags);
  if (key == "changed") place->changed = to_the_second(value);
  if (key == "reservation") place->reservation = value;
  if (key != "acquired") return true;
  if (value != "None") place->acquired = value;
  return value == "None" || is_owner(value);
}

bool begins_place(std::string_view line, std::string* name) {
  constexpr std::string_view begin = "Place '", end = "':";
  if (!line.starts_with(begin) || !line.ends_with(end) || line.size() <= begin.size() + end.size())
    return false;
  *name = line.substr(begin.size(), line.size() - begin.size() - end.size());
  return true;
}

bool is_state(std::string_view text) {
  constexpr std::array<std::string_view, 5> states = {"waiting", "allocated", "acquired", "expired",
                                                      "invalid"};
  return std::ranges::find(states, text) != states.end();
}

// Empty for None and for values that are not scalars.
std::string scalar_of(const YAML::Node& node) {
  return node.IsScalar() ? node.as<std::string>() : std::string();
}

// One entry of a list: a type and a map of its values. Values that are maps or lists themselves are ignored.
bool read_resource(const YAML::Node& entry, PlaceResource* resource) {
  if (!entry.IsMap() || entry.size() != 1) return false;
  const YAML::Node type = entry.begin()->first;
  const YAML::Node values = entry.begin()->second;
  if (!type.IsScalar() || !values.IsMap()) return false;
  resource->type = type.as<std::string>();
  for (const auto& value : values) {
    if (!value.first.IsScalar()) return false;
    resource->values[value.first.as<std::string>()] = scalar_of(value.second);
  }
  return true;
}

// The type in "Acquired resource 'X' (exporter/group/type/name):".
bool begins_resource(std::string_view line, std::string* type) {
  if (!line.starts_with("Acquired resource '") || !line.ends_with("):")) return false;
  std::string_view path = line.substr(0, line.size() - 2);
  path.remove_prefix(path.rfind('(') + 1);  // of nothing found: 0
  for (int part = 0; part < 2; ++part) {
    const std::size_t slash = path.find('/');
    if (slash == std::string_view::npos) return false;
    path.remove_prefix(slash + 1);
  }
  *type = path.substr(0, path.find('/'));
  return !type->empty();
}

// The value of a key in Python's way to print a dictionary, which breaks its lines between entries: 'key': ….
std::string printed_value(std::string_view text, std::string_view key) {
  const std::string quoted_key = fmt::format("'{}': ", key);
  const std::size_t begin = text.find(quoted_key);
  if (begin == std::string_view::npos) return {};
  text.remove_prefix(begin + quoted_key.size());
  if (text.empty()) return {};
  if (text.front() != '\'' && text.front() != '"')
    return std::string(text.substr(0, text.find_first_of(",}\n")));
  return std::string(text.substr(1, text.find(text.front(), 1) - 1));
}

}  // namespace

std::map<std::string, std::string> proxies_in(std::string_view text) {
  std::map<std::string, std::string> blocks, proxies;
  std::string* block = nullptr;
  for (const std::string_view line : lines_of(text)) {
    std::string type;
    if (begins_resource(line, &type)) {
      block = &blocks[type];
    } else if (!line.starts_with(' ')) {
      block = nullptr;
    } else if (block != nullptr) {
      *block += std::string(line) + "\n";
    }
  }
  for (const auto& [type, printed] : blocks) {
    const std::string proxy = printed_value(printed, "proxy");
    if (printed_value(printed, "proxy_required") == "True" && !proxy.empty()) proxies[type] = proxy;
  }
  return proxies;
}

Result<std::vector<ListedPlace>> parse_places(std::string_view text) {
  std::vector<ListedPlace> places;
  bool whole = true;  // the last place's "acquired" line was read
  for (const std::string_view line : lines_of(text)) {
    std::string name, key, value;
    if (begins_place(line, &name)) {
      if (!whole) return not_understood("places", line);
      places.push_back({name, {}, {}, {}, {}});
      whole = false;
    } else if (line.starts_with("    ") && !places.empty()) {
      continue;  // an entry of a list: matches and resources
    } else if (line.starts_with("  ") && !places.empty() && split(line.substr(2), &key, &value)) {
      if (!take(key, value, &places.back())) return not_understood("places", line);
      whole = whole || key == "acquired";
    } else {
      return not_understood("places", line);
    }
  }
  if (!whole) return not_understood("places", fmt::format("Place '{}':", places.back().name));
  return places;
}

Result<Reservation> parse_reservation(std::string_view text) {
  Reservation read;
  std::string above;
  for (std::string_view line : lines_of(text)) {
    if (line.starts_with("Reservation '")) continue;
    if (line == "Waiting for allocation...") continue;
    line.remove_prefix(std::min(line.size(), line.find_first_not_of(' ')));
    std::string key, value;
    if (!split(line, &key, &value)) return not_understood("reserve", line);
    if (key == "owner") read = Reservation{value, {}, {}, {}};
    if (key == "token") read.token = value;
    if (key == "state") read.state = value;
    if (key == "main" && above == "allocations") read.place = value;
    if (value.empty()) above = key;
  }
  if (read.owner.empty() || read.token.empty() || !is_state(read.state) ||
      (read.state == "allocated" && read.place.empty()))
    return not_understood("reserve", text.substr(0, text.find('\n')));
  return read;
}

Result<std::vector<PlaceResource>> parse_resources(std::string_view text, const std::string& place) {
  const auto refused = [&](int line) {
    return fail(ErrorKind::infrastructure,
                fmt::format("labgrid-client env: cannot parse line {} for place {}", line, place),
                known_versions);
  };
  try {  // yaml-cpp reports errors by exception, which must not leave this function
    const YAML::Node list = YAML::Load(std::string(text))["targets"][place]["resources"];
    if (!list.IsSequence()) return refused(1);
    std::vector<PlaceResource> resources;
    for (const YAML::Node& entry : list) {
      if (!read_resource(entry, &resources.emplace_back())) return refused(entry.Mark().line + 1);
    }
    return resources;
  } catch (const YAML::Exception& error) {
    return refused(error.mark.line + 1);
  }
}

}  // namespace loopgate
