// A document that the packer's loopgate wrote, held against what this one writes of the same raw samples.
// Builds differ in the keys that they write, and a key that came later is nobody's forgery.
#pragma once

#include <string>
#include <vector>

namespace loopgate {

enum class Packer { this_build, another_build };

struct HeldAgainst {
  // The first: "/checks/0/seen: 30000, and the raw samples give 30001". Empty where there is none.
  std::string difference;
  // Keys that this build writes and the packer's did not, as "/next_step". None of its own build's.
  std::vector<std::string> added_since;
};

// Of this build, equal to the byte. Of another, each value that it wrote is equal, in the one form that
// loopgate writes, and what it lacks is a key that came later than the first bundles.
HeldAgainst hold_against(const std::string& recorded, const std::string& recomputed, Packer packer);

}  // namespace loopgate
