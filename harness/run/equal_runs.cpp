#include "run/equal_runs.h"

#include <map>

#include "record/samples_file.h"

namespace loopgate {
namespace {

// What was measured. The others, such as evidence.json, name the cell's folder and the host's times, which
// another run has not.
std::map<std::string, std::string> measured_artifacts(const Outcome& outcome) {
  auto measured = outcome.artifacts;
  for (const Artifact& artifact : artifacts)
    if (!artifact.repeats) measured.erase(artifact.name);
  return measured;
}

// The first file that differs, where it is not the samples.
std::string first_unequal(const std::map<std::string, std::string>& one,
                          const std::map<std::string, std::string>& other) {
  for (const auto* each : {&one, &other})
    for (const auto& [name, sha256] : *each)
      if (!one.contains(name) || !other.contains(name) || one.at(name) != other.at(name)) return name;
  return {};
}

}  // namespace

std::string unequal_text(const MeasuredOnce& one, const MeasuredOnce& other) {
  const auto ones = measured_artifacts(one.outcome);
  const auto others = measured_artifacts(other.outcome);
  if (ones == others) return {};
  const Artifact& samples = samples_artifact;
  if (one.outcome.sha256_of(programs_artifact) != other.outcome.sha256_of(programs_artifact))
    return "unequal programs.json";
  if (one.outcome.sha256_of(samples) == other.outcome.sha256_of(samples))
    return "equal samples and unequal " + first_unequal(ones, others);
  const auto difference = first_difference(one.folder / samples.name, other.folder / samples.name);
  return "unequal samples: " + (difference ? *difference : difference.error().what);
}

}  // namespace loopgate
