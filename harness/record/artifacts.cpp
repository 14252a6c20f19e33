#include "record/artifacts.h"

#include <algorithm>

namespace loopgate {

const Artifact* find_artifact(const std::string& name) {
  const auto* found = std::find_if(artifacts.begin(), artifacts.end(),
                                   [&](const Artifact& artifact) { return artifact.name == name; });
  return found == artifacts.end() ? nullptr : found;
}

}  // namespace loopgate
