#include "bisect/config_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

namespace loopgate {
namespace {

constexpr std::string_view option_prefix = "CONFIG_";
constexpr std::string_view unset_suffix = " is not set";

bool is_option_name(std::string_view name) {
  return name.starts_with(option_prefix) && name.size() > option_prefix.size() &&
         std::ranges::all_of(name, [](char c) {
           return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
         });
}

std::optional<ConfigOption> option_in(std::string_view line) {
  if (line.starts_with("# ") && line.ends_with(unset_suffix)) {
    const std::string_view name = line.substr(2, line.size() - 2 - unset_suffix.size());
    if (is_option_name(name)) return ConfigOption{std::string(name), "n"};
    return std::nullopt;
  }
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos || !is_option_name(line.substr(0, equals))) return std::nullopt;
  return ConfigOption{std::string(line.substr(0, equals)), std::string(line.substr(equals + 1))};
}

std::string_view without_blanks(std::string_view line) {
  const std::size_t begin = line.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
}

template <class Take>
void for_each_option(std::string_view text, const Take& take) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (auto option = option_in(without_blanks(text.substr(0, end)))) take(std::move(*option));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

}  // namespace

std::vector<ConfigOption> parse_config_options(std::string_view text) {
  std::map<std::string, ConfigOption> known;
  for_each_option(text, [&](ConfigOption option) {
    const std::string name = option.name;
    known.insert_or_assign(name, std::move(option));
  });
  std::vector<ConfigOption> options;
  for (auto& [name, option] : known) options.push_back(std::move(option));
  return options;
}

std::vector<std::string> option_names_in_order(std::string_view text) {
  std::vector<std::string> names;
  for_each_option(text, [&](ConfigOption option) { names.push_back(std::move(option.name)); });
  return names;
}

std::string to_fragment(const std::vector<ConfigOption>& options) {
  std::string text;
  for (const ConfigOption& option : options)
    text += option.value == "n" ? fmt::format("# {} is not set\n", option.name)
                                : fmt::format("{}={}\n", option.name, option.value);
  return text;
}

}  // namespace loopgate
