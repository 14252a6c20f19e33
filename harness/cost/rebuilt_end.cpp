#include "cost/rebuilt_end.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <map>

#include "base/text.h"

namespace loopgate {
namespace {

using Values = std::map<std::string, std::string>;

Values values_of(const std::vector<ConfigOption>& options) {
  Values values;
  for (const ConfigOption& option : options) values[option.name] = option.value;
  return values;
}

std::string value_in(const Values& values, const std::string& name) {
  const auto found = values.find(name);
  return found == values.end() ? "n" : found->second;
}

bool is_named(const std::string& name, const std::vector<std::string>& globs) {
  return globs.empty() || std::ranges::any_of(globs, [&](const std::string& glob) {
           return ::fnmatch(glob.c_str(), name.c_str(), 0) == 0;
         });
}

// Empty where it is taken over.
std::string why_left_out(const std::string& name, const std::string& was, const std::string& becomes,
                         const std::vector<std::string>& globs) {
  if (becomes == "m" || (was == "m" && becomes == "n")) return left_out_module;
  if (becomes.starts_with('"') || was.starts_with('"')) return left_out_text;
  if (name.starts_with("CONFIG_DEBUG_INFO")) return left_out_symbols;
  return is_named(name, globs) ? "" : left_out_not_asked;
}

ListedChange left_out_change(const std::string& why, const std::string& name, const std::string& was,
                             const std::string& becomes) {
  return {why, fmt::format("{}={}", name, was), fmt::format("{}={}", name, becomes),
          fmt::format("{}={} -> {}", name, was, becomes)};
}

}  // namespace

RebuiltOptions rebuilt_options(const std::vector<ConfigOption>& own, const std::vector<ConfigOption>& built,
                               const std::vector<ConfigOption>& other,
                               const std::vector<std::string>& globs) {
  const Values ours = values_of(built), theirs = values_of(other);
  Values names = ours;
  names.insert(theirs.begin(), theirs.end());
  Values fragment = values_of(own);
  RebuiltOptions options;
  for (const auto& [name, unused] : names) {
    const std::string was = value_in(ours, name), becomes = value_in(theirs, name);
    if (was == becomes) continue;
    if (std::string why = why_left_out(name, was, becomes, globs); !why.empty())
      options.left_out.push_back(left_out_change(why, name, was, becomes));
    else
      fragment[name] = becomes;
  }
  for (auto& [name, value] : fragment) options.fragment.push_back({name, value});
  return options;
}

void leave_out(const std::vector<std::string>& names, const char* why, const std::vector<ConfigOption>& built,
               RebuiltOptions* options) {
  const Values ours = values_of(built);
  std::erase_if(options->fragment, [&](const ConfigOption& option) {
    const std::string was = value_in(ours, option.name);
    if (was == option.value || std::ranges::find(names, option.name) == names.end()) return false;
    options->left_out.push_back(left_out_change(why, option.name, was, option.value));
    return true;
  });
}

std::string left_out_text_of(const std::vector<ListedChange>& left_out) {
  if (left_out.empty()) return "";
  std::map<std::string, std::size_t> counts;
  for (const ListedChange& change : left_out) ++counts[change.kind];
  std::vector<std::string> parts;
  for (const auto& [why, count] : counts) parts.push_back(fmt::format("{} {}", with_thousands(count), why));
  const char* differ = left_out.size() == 1 ? "option differs and is" : "options differ and are";
  return fmt::format("{} {} in no step: {}", with_thousands(left_out.size()), differ, fmt::join(parts, ", "));
}

}  // namespace loopgate
