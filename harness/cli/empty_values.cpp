#include "cli/empty_values.h"

namespace loopgate {

void refuse_empty_values(CLI::App* command) {
  const auto problem = [](const std::string& value) {
    return std::string(value.empty() ? "is empty: is a variable not set? leave it out, or give a value" : "");
  };
  for (CLI::Option* option : command->get_options()) option->check(problem);
  for (CLI::App* each : command->get_subcommands({})) refuse_empty_values(each);
}

}  // namespace loopgate
