// The options of a program's command, and what a program says of them. Pure.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace loopgate {

struct ProgramOption {
  std::string name;   // --priority
  std::string value;  // 80; empty where it has none

  bool operator==(const ProgramOption&) const = default;
};

// "--priority", "80" and "--priority=80" alike. Words that belong to no option are left out.
std::vector<ProgramOption> options_in(const std::vector<std::string>& words);

// "--priority 80"
std::string text_of(const ProgramOption& option);

// What a program says that it had.
struct OptionReadBack {
  std::string text;
  bool as_asked = false;
};

// Of a program that prints {"priority_read_back": 80} for its option --priority. Nothing where it says
// nothing of it.
std::optional<OptionReadBack> read_back_of(const ProgramOption& option, const nlohmann::json& printed);

}  // namespace loopgate
