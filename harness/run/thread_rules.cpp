#include "run/thread_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <fnmatch.h>

#include <algorithm>
#include <iterator>

namespace loopgate {

std::string wanted_by(const ThreadTuning& rule) {
  std::string wanted =
      rule.policy == "other" ? rule.policy : fmt::format("{} {}", rule.policy, rule.priority);
  if (!rule.cpus.empty()) wanted += thread_cpus_text(fmt::format("{}", fmt::join(rule.cpus, ",")));
  return wanted;
}

bool is_required(const ThreadTuning& rule, const Work& work) {
  return rule.required && (!rule.of_payload || !payload_of(work).command.empty());
}

std::vector<TuningRow> threads_of(const Kernel& kernel, const ThreadTuning& rule,
                                  const std::vector<TuningRow>& rows) {
  std::vector<TuningRow> found;
  std::ranges::copy_if(rows, std::back_inserter(found), [&](const TuningRow& row) {
    const auto first = std::ranges::find_if(kernel.threads, [&](const ThreadTuning& each) {
      return ::fnmatch(each.name.c_str(), row.what.c_str(), 0) == 0;
    });
    return row.pid && first != kernel.threads.end() && &*first == &rule && row.wanted == wanted_by(rule);
  });
  return found;
}

}  // namespace loopgate
