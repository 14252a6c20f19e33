#include "kernel/config_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"

namespace loopgate {
namespace {

ConfigCheck result_of(const KernelCheck& check, std::string_view config) {
  const std::string seen = config_option(config, check.config);
  if (check.contains.empty()) return {check.name, check.equals, seen, seen == check.equals};
  return {check.name, check.contains, seen, seen.find(check.contains) != std::string::npos};
}

}  // namespace

Status check_config(const Kernel& kernel, KernelFiles* files) {
  if (std::ranges::all_of(kernel.checks, [](const KernelCheck& check) { return check.config.empty(); }))
    return {};
  if (files->config.empty())
    return fail(
        ErrorKind::usage,
        fmt::format("kernel {}: a check asks for a config option, but the image has no .config", kernel.name),
        "name it with config = \"…\" under [source]");
  TRY(config, read_file(files->config, ErrorKind::usage));
  for (const KernelCheck& check : kernel.checks) {
    if (check.config.empty()) continue;
    const ConfigCheck& result = files->config_checks.emplace_back(result_of(check, config));
    if (!result.passed && files->failed_check.empty())
      files->failed_check = fmt::format("kernel check \"{}\" failed: {} is {}, wanted {}", check.name,
                                        check.config, result.seen, result.expected);
  }
  return {};
}

std::string config_option(std::string_view config, const std::string& option) {
  const std::string prefix = option.starts_with("CONFIG_") ? option + "=" : "CONFIG_" + option + "=";
  std::size_t at = 0;
  while (at < config.size()) {
    std::size_t end = config.find('\n', at);
    if (end == std::string_view::npos) end = config.size();
    std::string_view line = config.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(prefix)) continue;
    line.remove_prefix(prefix.size());
    if (line.size() >= 2 && line.front() == '"') line = line.substr(1, line.size() - 2);
    return std::string(line);
  }
  return "n";
}

}  // namespace loopgate
