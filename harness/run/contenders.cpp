#include "run/contenders.h"

#include <algorithm>

namespace loopgate {
namespace {

bool has_contender(const Payload& payload, const std::string& name) {
  return std::ranges::find(payload.contenders, name, &Contender::name) != payload.contenders.end();
}

}  // namespace

std::vector<KernelChoice> kernel_choices(const std::vector<std::string>& given, const Payload& payload) {
  std::vector<KernelChoice> choices;
  for (const std::string& name : given) {
    const std::size_t plus = name.rfind('+');
    if (plus != std::string::npos && has_contender(payload, name.substr(plus + 1))) {
      choices.push_back({name.substr(0, plus), name.substr(plus + 1)});
      continue;
    }
    if (payload.contenders.empty()) choices.push_back({name, {}});
    for (const Contender& contender : payload.contenders) choices.push_back({name, contender.name});
  }
  return choices;
}

Kernel with_contender(Kernel kernel, const std::string& contender) {
  kernel.contender = contender;
  if (!contender.empty()) kernel.name += "+" + contender;
  return kernel;
}

std::string name_without_contender(const std::string& name, const std::string& contender) {
  return contender.empty() || !name.ends_with("+" + contender)
             ? name
             : name.substr(0, name.size() - contender.size() - 1);
}

std::vector<std::string> command_of(const Payload& payload, const std::string& contender) {
  const auto found = std::ranges::find(payload.contenders, contender, &Contender::name);
  if (found == payload.contenders.end()) return payload.command;
  std::vector<std::string> command = found->command.empty() ? payload.command : found->command;
  command.insert(command.end(), found->arguments.begin(), found->arguments.end());
  return command;
}

}  // namespace loopgate
