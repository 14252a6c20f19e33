#include "stats/unconfirmed.h"

#include <algorithm>

namespace loopgate {
namespace {

void add(const std::vector<UnconfirmedArgument>& more, std::vector<UnconfirmedArgument>* all) {
  for (const UnconfirmedArgument& each : more)
    if (std::ranges::find(*all, each.argument, &UnconfirmedArgument::argument) == all->end())
      all->push_back(each);
}

}  // namespace

void note_unconfirmed(const std::vector<UnconfirmedArgument>& arguments, GroupEvidence* group) {
  add(arguments, &group->unconfirmed_arguments);
}

std::vector<std::string> unconfirmed_sentences(const Comparison& comparison) {
  struct OfKernel {
    std::string name;
    std::vector<UnconfirmedArgument> arguments;
  };
  std::vector<OfKernel> kernels;
  for (const GroupEvidence& group : comparison.groups) {
    auto found = std::ranges::find(kernels, group.kernel, &OfKernel::name);
    if (found == kernels.end()) found = kernels.insert(found, {group.kernel, {}});
    add(group.unconfirmed_arguments, &found->arguments);
  }
  std::vector<std::string> sentences;
  for (const OfKernel& kernel : kernels) {
    if (kernel.arguments.empty()) continue;
    std::string sentence = "kernel " + kernel.name + ": not confirmed: ";
    for (std::size_t i = 0; i < kernel.arguments.size(); ++i)
      sentence += (i == 0 ? "" : "; ") + kernel.arguments[i].argument + ": " + kernel.arguments[i].why;
    sentences.push_back(std::move(sentence));
  }
  return sentences;
}

}  // namespace loopgate
