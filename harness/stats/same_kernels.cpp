#include "stats/same_kernels.h"

#include <algorithm>

namespace loopgate {
namespace {

// "a, b and c"
std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i)
    text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

}  // namespace

std::vector<std::vector<std::string>> same_kernels(const std::vector<NamedInput>& kernels) {
  std::vector<std::vector<std::string>> sets;
  for (std::size_t i = 0; i < kernels.size(); ++i) {
    const auto same = [&](const NamedInput& other) { return other.sha256 == kernels[i].sha256; };
    if (kernels[i].sha256.empty() ||
        std::any_of(kernels.begin(), kernels.begin() + static_cast<long>(i), same))
      continue;
    std::vector<std::string> names;
    for (const NamedInput& kernel : kernels)
      if (same(kernel)) names.push_back(kernel.name);
    if (names.size() > 1) sets.push_back(std::move(names));
  }
  return sets;
}

std::vector<std::vector<std::string>> same_kernels(const Comparison& comparison, const std::string& load) {
  std::vector<NamedInput> kernels;
  for (const GroupEvidence& group : comparison.groups)
    if (group.load == load) kernels.push_back({group.kernel, group.kernel_in_effect_sha256});
  return same_kernels(kernels);
}

bool has_equal_samples(const GroupEvidence& one, const GroupEvidence& other) {
  return !one.replicates.empty() &&
         std::ranges::equal(one.replicates, other.replicates, [](const Replicate& a, const Replicate& b) {
           return !a.samples_sha256.empty() && a.samples_sha256 == b.samples_sha256;
         });
}

std::string same_kernels_text(const std::vector<std::string>& names) {
  return "kernels " + listed(names) + " are the same: equal image, arguments in effect and tuning";
}

std::vector<std::string> same_kernels_texts(const Comparison& comparison, const std::string& load) {
  std::vector<std::string> texts;
  for (const std::vector<std::string>& names : same_kernels(comparison, load)) {
    const GroupEvidence* first = find_group(comparison, names.front(), load);
    const bool equal = std::ranges::all_of(names, [&](const std::string& name) {
      return has_equal_samples(*first, *find_group(comparison, name, load));
    });
    texts.push_back(same_kernels_text(names) + (equal ? "; their samples are equal to the byte"
                                                      : "; their figures differ by chance alone"));
  }
  return texts;
}

bool is_same_kernel(const GroupEvidence& one, const GroupEvidence& other) {
  return !one.kernel_in_effect_sha256.empty() && one.kernel_in_effect_sha256 == other.kernel_in_effect_sha256;
}

void note_same_kernels(Comparison* comparison) {
  for (GroupEvidence& group : comparison->groups) {
    group.same_kernel_as.clear();
    for (const GroupEvidence& other : comparison->groups)
      if (other.load == group.load && other.kernel != group.kernel && is_same_kernel(group, other))
        group.same_kernel_as.push_back(other.kernel);
  }
}

}  // namespace loopgate
