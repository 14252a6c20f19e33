// libFuzzer: whatever the bytes are, they are read as a plan file or refused by its name; of one that is
// read, no run's name leads out of the acceptance's folder, and no two are equal.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <set>
#include <string_view>

#include "accept/plan_file.h"
#include "bundle/manifest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto plan = loopgate::parse_acceptance_plan(text, "plan.toml");
  if (!plan) {
    if (plan.error().what.find("plan.toml") == std::string::npos) std::abort();
    return 0;
  }
  std::set<std::string> names;
  for (const loopgate::PlannedRun& run : plan->runs)
    if (!loopgate::is_safe_path("runs/" + run.name) || run.name.find('/') != std::string::npos ||
        !names.insert(run.name).second || run.samples < 0 || run.repeat < 0)
      std::abort();
  if (plan->runs.empty() || plan->signatures_wanted < 1 || plan->signatures_wanted > plan->signatures_of)
    std::abort();
  return 0;
}
