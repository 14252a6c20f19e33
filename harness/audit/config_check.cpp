// config = { options = [CONFIG_…], TEST }: each option of the running kernel's configuration passes the test;
// an option that is not set has the value n.
#include <cctype>

#include "audit/check.h"
#include "audit/text_parts.h"
#include "audit/text_rule.h"

namespace loopgate {
namespace {

struct ConfigCheck {
  std::vector<std::string> options;
  TextTest test;
};

std::string value_of_option(const std::string& option, std::string_view config) {
  for (const std::string_view line : lines_of(config)) {
    if (line.size() > option.size() && line.starts_with(option) && line[option.size()] == '=') {
      std::string_view value = line.substr(option.size() + 1);
      if (value.size() > 1 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
      return std::string(value);
    }
  }
  return "n";
}

CheckOutcome look(const ConfigCheck& check, const Facts& facts, const Parameters& parameters) {
  const Reading& reading = reading_of(facts.first, kernel_config);
  if (reading.facts.empty() || !reading.facts[0].text)
    return {Judgement::unknown, missing_reason(reading, "/proc/config.gz or /boot/config-RELEASE")};
  // The heading, which every request includes, proves that it is a configuration.
  if (reading.facts[0].text->find(" Kernel Configuration") == std::string::npos)
    return {Judgement::unknown, reading.facts[0].path + " is not a kernel configuration"};
  std::vector<std::string> good;
  std::vector<std::string> bad;
  for (const std::string& option : check.options) {
    const std::string value = value_of_option(option, *reading.facts[0].text);
    const bool holds = try_text(check.test, value, parameters).judgement == Judgement::good;
    (holds ? good : bad).push_back(fmt::format("{}={}", option, value));
  }
  return {bad.empty() ? Judgement::good : Judgement::attention, listed(bad.empty() ? good : bad)};
}

bool is_option(const std::string& name) {
  return name.size() > 7 && name.starts_with("CONFIG_") &&
         std::all_of(name.begin(), name.end(),
                     [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
}

}  // namespace

Result<RuleCheck> read_config_check(const TomlTable& table) {
  TomlReader reader(table);
  ConfigCheck check;
  reader.required("options", &check.options);
  if (check.options.empty()) reader.refuse("options", "is empty");
  for (const std::string& option : check.options) {
    if (!is_option(option)) reader.refuse("options", "must be names such as CONFIG_PREEMPT_RT");
  }
  check.test = read_text_test(&reader);
  if (!check.test.parameter.empty())
    reader.refuse("options", "belong to the kernel, not to CPUs: use another test");
  if (auto done = reader.finish(); !done) return tl::unexpected(done.error());
  return RuleCheck{
      kernel_config, parameters_of(check.test),
      [options = check.options](FactRequest* request) {
        request->options.insert(request->options.end(), options.begin(), options.end());
      },
      [check](const Facts& facts, const Parameters& parameters) { return look(check, facts, parameters); }};
}

}  // namespace loopgate
