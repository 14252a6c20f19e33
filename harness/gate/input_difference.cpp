#include "gate/input_difference.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {

const SharedInput* first_difference(std::span<const SharedInput> inputs) {
  const auto found =
      std::ranges::find_if(inputs, [](const SharedInput& each) { return each.theirs != each.ours; });
  return found == inputs.end() ? nullptr : &*found;
}

std::string difference_text(const char* whose, const SharedInput& input) {
  return fmt::format("the {}'s {} is {}, and this run's is {}", whose, input.what, input.theirs, input.ours);
}

std::string known(const std::string& text) { return text.empty() ? "not recorded" : text; }

std::string probe_text(const std::string& probe) { return probe.empty() ? "none" : probe; }

std::string digest_text(const std::string& sha256) { return known(sha256.substr(0, 12)); }

std::string input_text(const std::string& name, const std::string& sha256) {
  return fmt::format("{} ({})", name, digest_text(sha256));
}

std::string input_text(const NamedInput& input) { return input_text(input.name, input.sha256); }

const NamedInput* input_named(std::span<const NamedInput> inputs, const std::string& name) {
  const auto found = std::ranges::find(inputs, name, &NamedInput::name);
  return found == inputs.end() ? nullptr : &*found;
}

}  // namespace loopgate
