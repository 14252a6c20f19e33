// Whether a bundle was measured with, and is judged by, what is released: suite, loads and policy as this
// loopgate ships them. Whoever softens a limit or a load calls it by the same name.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "record/run_record.h"

namespace loopgate {

struct ShippedFile {
  std::string_view path;  // in the source tree: "suites/irq-to-gpio/release.toml"
  std::string_view sha256;
};

// The suites, policies and loads of the tree that this was built from; of a clone, those that its commit has.
std::span<const ShippedFile> shipped_files();

struct ReleaseCheck {
  std::vector<std::string>
      released;  // "suite irq-to-gpio", "load mixed", "policy suites/irq-to-gpio/release.toml"
  std::vector<std::string> modified;  // a clause each: "load mixed is not as it is released"
};

// The policy must be one of the run's own suite: another suite's released limits are not its. A loopgate that
// measured and was built from a modified tree, or from an unknown one, is among what is modified. Pure.
ReleaseCheck check_released(const RunRecord& run, std::string_view policy_sha256,
                            std::span<const ShippedFile> shipped);

}  // namespace loopgate
