#include "programs/measuring/suite_arguments.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace loopgate {
namespace {

using Words = std::vector<std::string>;

bool has(const Words& words, const std::string& word) {
  return std::ranges::find(words, word) != words.end();
}

// The suite's own keys make them.
Words own_options(const ProgramForm& form) {
  Words own = form.aliases;
  for (const char* each : {form.loops, form.duration, form.priority, form.policy})
    if (*each != '\0') own.emplace_back(each);
  return own;
}

// "--x=5" is --x.
std::string name_in(const std::string& word) {
  return word.starts_with("--") ? word.substr(0, word.find('=')) : word;
}

// What getopt would take it for.
std::string meant_by(const std::string& name, const Words& known) {
  for (const std::string& each : known) {
    const bool abbreviated = name.size() > 2 && name.starts_with("--") && each.starts_with(name);
    const bool glued = !name.starts_with("--") && each.size() == 2 && name.starts_with(each);
    if (abbreviated || glued) return each;
  }
  return {};
}

tl::unexpected<Error> refuse_spelling(const ProgramForm& form, const std::string& word, const Words& known) {
  const std::string name = name_in(word);
  const std::string meant = meant_by(name, known);
  std::string instead = "it has no option that a suite may give";
  if (!form.options.empty()) instead = fmt::format("it may be given {}", fmt::join(form.options, ", "));
  if (meant.size() == 2)
    instead = fmt::format("write {} and what follows it as words of their own", meant);
  else if (!meant.empty())
    instead = fmt::format("write {}", meant);
  return refuse(form, fmt::format("takes no option that is spelled \"{}\" from a suite: {}", word, instead));
}

Status check_option(const ProgramForm& form, const std::string& word) {
  const std::string name = name_in(word);
  const Words own = own_options(form);
  if (has(own, name))
    return refuse(form, fmt::format("gets {} from loops, duration_s, policy and priority", name));
  if (has(form.refused, name)) return refuse(form, fmt::format("could not be read under {}", name));
  if (has(form.options, name)) return {};
  Words known = form.options;
  for (const Words& more : {form.refused, own}) known.insert(known.end(), more.begin(), more.end());
  return refuse_spelling(form, word, known);
}

// atoi(3) takes "50us" for 50; the adapters do not.
Status check_number(const ProgramForm& form, const ProgramOption& option) {
  const bool digits =
      !option.value.empty() && option.value.find_first_not_of("0123456789") == std::string::npos;
  if (!has(form.numbers, option.name) || digits) return {};
  return refuse(form,
                fmt::format("takes a whole number after {}, and \"{}\" is none", option.name, option.value));
}

}  // namespace

Status check_arguments(const ProgramForm& form, const std::vector<std::string>& arguments) {
  for (const std::string& word : arguments) {
    // rt-tests writes its command line into its JSON as it is.
    if (word.find_first_of("\"\\\n") != std::string::npos)
      return refuse(form, fmt::format("takes no argument with a quote or a backslash: {}", word));
    if (word.starts_with('-')) TRY_STATUS(check_option(form, word));
  }
  for (const ProgramOption& option : options_in(arguments)) TRY_STATUS(check_number(form, option));
  return {};
}

}  // namespace loopgate
