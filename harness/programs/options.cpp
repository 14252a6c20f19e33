#include "programs/options.h"

#include <algorithm>

#include "base/json.h"

namespace loopgate {
namespace {

// "-1" is a value.
bool is_option(const std::string& word) {
  return word.size() > 1 && word[0] == '-' && (word[1] < '0' || word[1] > '9');
}

}  // namespace

std::vector<ProgramOption> options_in(const std::vector<std::string>& words) {
  std::vector<ProgramOption> options;
  bool takes_value = false;
  for (const std::string& word : words) {
    if (!is_option(word)) {
      if (takes_value) options.back().value = word;
      takes_value = false;
      continue;
    }
    const std::size_t equals = word.find('=');
    takes_value = equals == std::string::npos;
    options.push_back({word.substr(0, equals), takes_value ? "" : word.substr(equals + 1)});
  }
  return options;
}

std::string text_of(const ProgramOption& option) {
  return option.value.empty() ? option.name : option.name + " " + option.value;
}

std::optional<OptionReadBack> read_back_of(const ProgramOption& option, const nlohmann::json& printed) {
  if (!printed.is_object()) return std::nullopt;
  std::string key = option.name.substr(std::min(option.name.find_first_not_of('-'), option.name.size()));
  std::ranges::replace(key, '-', '_');
  const auto seen = printed.find(key + "_read_back");
  if (seen == printed.end() || seen->is_null()) return std::nullopt;
  const std::string text = seen->is_string() ? seen->get<std::string>() : seen->dump();
  return OptionReadBack{text, text == option.value};
}

}  // namespace loopgate
