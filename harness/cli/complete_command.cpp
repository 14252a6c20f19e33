// loopgate complete -- WORD...: what the last word may become. The shells ask it (harness/cli/completion/),
// so that it knows whatever the program knows.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iterator>
#include <optional>

#include "cli/commands.h"
#include "config/catalog.h"
#include "config/own_folders.h"

namespace loopgate {
namespace {

using Words = std::vector<std::string>;

// The innermost command that the words name.
const CLI::App* command_of(const CLI::App* app, const Words& words) {
  for (const std::string& word : words)
    for (const CLI::App* each : app->get_subcommands({}))
      if (each->get_name() == word) app = each;
  return app;
}

Words names_of(Choice choice) {
  Words names;
  if (const auto catalog = Catalog::find()) {
    names = choice == Choice::suite    ? catalog->suites()
            : choice == Choice::board  ? catalog->boards()
            : choice == Choice::kernel ? catalog->kernels()
                                       : catalog->loads();
  }
  if (const auto own = OwnFolders::find({}))
    for (const OwnFile& file : own->files(choice)) names.push_back(file.name);
  return names;
}

std::optional<Choice> choice_of(const std::string& option) {
  if (option == "--board") return Choice::board;
  if (option == "--kernel") return Choice::kernel;
  if (option == "--load") return Choice::load;
  return std::nullopt;
}

bool takes_value(const CLI::App* command, const std::string& word) {
  const CLI::Option* option = word.starts_with("-") ? command->get_option_no_throw(word) : nullptr;
  return option != nullptr && option->get_items_expected_max() > 0;
}

// A group of options is a command without a name to CLI11.
Words commands_of(const CLI::App* command) {
  Words names;
  for (const CLI::App* each : command->get_subcommands({}))
    if (!each->get_name().empty()) names.push_back(each->get_name());
  return names;
}

Words options_of(const CLI::App* command) {
  Words names;
  for (const CLI::Option* each : command->get_options())
    for (const std::string& name : each->get_lnames())
      if (!each->get_group().empty()) names.push_back("--" + name);
  for (const CLI::App* group : command->get_subcommands({}))
    if (group->get_name().empty()) std::ranges::copy(options_of(group), std::back_inserter(names));
  return names;
}

// Nothing where the word is a file's name, which a shell knows best.
Words candidates(const CLI::App* app, Words words) {
  const std::string last = words.empty() ? "" : words.back();
  if (!words.empty()) words.pop_back();
  const CLI::App* command = command_of(app, words);
  const std::string before = words.empty() ? "" : words.back();
  if (takes_value(command, before)) {
    const auto choice = choice_of(before);
    return choice ? names_of(*choice) : Words();
  }
  if (last.starts_with("-")) return options_of(command);
  if (const Words commands = commands_of(command); !commands.empty()) return commands;
  if (command->get_option_no_throw("suite") != nullptr && before == command->get_name())
    return names_of(Choice::suite);
  return {};
}

}  // namespace

bool asks_to_complete(int argc, char** argv) {
  return argc > 2 && std::string_view(argv[1]) == "complete" && std::string_view(argv[2]) == "--";
}

void complete(const CLI::App& app, int argc, char** argv, Answer* answer) {
  const Words words(argv + 3, argv + argc);
  const std::string last = words.empty() ? "" : words.back();
  for (const std::string& each : candidates(&app, words))
    if (each.starts_with(last)) answer->print("{}\n", each);
}

}  // namespace loopgate
