// The options of a .config, or of a fragment of one. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

struct ConfigOption {
  std::string name;   // CONFIG_AUDIT
  std::string value;  // y, m, a number or a quoted string; n where the text says that it is not set
  bool operator==(const ConfigOption&) const = default;
};

// Sorted by name; of several of one name the last, as Kconfig has it. Other lines are passed over.
std::vector<ConfigOption> parse_config_options(std::string_view text);

// Their names in the order of the text: of a final .config that of the menus.
std::vector<std::string> option_names_in_order(std::string_view text);

// As Kconfig reads them.
std::string to_fragment(const std::vector<ConfigOption>& options);

}  // namespace loopgate
