#include "cli/bundle_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cli/version.h"
#include "gate/comparison_table.h"
#include "gate/verdict_text.h"

namespace loopgate {
namespace {

// A bundle holds one run: what its policy says of another one judges nothing.
std::string not_judged_text(const Verdict& verdict) {
  const auto ratios = std::ranges::count(verdict.checks, std::string("baseline"), &Check::rule);
  if (ratios == 0) return {};
  return fmt::format("{} {} to a baseline {} not judged: no bundle holds an earlier run\n", ratios,
                     ratios == 1 ? "ratio" : "ratios", ratios == 1 ? "was" : "were");
}

std::string of_this_loopgate() {
  const LoopgateVersion own = loopgate_version();
  return fmt::format("loopgate {} {}{}", own.version,
                     own.commit.empty() ? "of an unknown commit" : own.commit,
                     own.commit.ends_with("-dirty") ? ", itself built from a modified tree" : "");
}

}  // namespace

void print_judged(const JudgedBundle& judged, Answer* answer) {
  const Verdict& verdict = judged.verdict;
  answer->print("{}", comparison_table(judged.comparison, &verdict));
  answer->print("\npolicy {}: {}\n", printable(verdict.policy_file), printable(verdict.policy_title));
  answer->print("{}{}{}", passed_budgets_text(verdict), problems_text(verdict), not_judged_text(verdict));
  if (!verdict.guard_band.empty()) answer->print("{}\n", verdict.guard_band);
  for (const std::string& remark : verdict.remarks) answer->print("{}\n", printable(remark));
}

void print_release(const ReleaseCheck& check, Answer* answer) {
  if (check.modified.empty()) {
    answer->print("RELEASED: {}, as {} ships them\n\n",
                  printable(fmt::format("{}", fmt::join(check.released, ", "))), of_this_loopgate());
    return;
  }
  answer->print("MODIFIED: {}\n", printable(fmt::format("{}", fmt::join(check.modified, "; "))));
  answer->print(
      "Held against the files of {}; a bundle of another version may be as that one ships them.\n\n",
      of_this_loopgate());
}

void print_packed_by(const UnpackedBundle& unpacked, const std::vector<std::string>& added_since,
                     Answer* answer) {
  const Manifest& manifest = unpacked.manifest;
  answer->print("packed by loopgate {} {}{}\nsha256 {}\n", printable(manifest.loopgate),
                manifest.commit.empty() ? "of an unknown commit" : printable(manifest.commit),
                manifest.commit.ends_with("-dirty") ? ": built from a modified tree, no release" : "",
                unpacked.sha256);
  const LoopgateVersion own = loopgate_version();
  if (manifest.loopgate == own.version && manifest.commit == own.commit) return;
  answer->print("judged again by {}: {}\n", of_this_loopgate(),
                added_since.empty()
                    ? "all that the packer wrote is the same"
                    : fmt::format("all that the packer wrote is the same; what this one writes as well has "
                                  "nothing to be compared with: {}",
                                  fmt::join(added_since, ", ")));
}

void print_signatures(const std::optional<CheckedSignatures>& checked, Answer* answer) {
  if (!checked) {
    answer->print(
        "Who packed it is not shown: no signature was checked. Name the signer's public key by --trust.\n");
    return;
  }
  answer->print("signatures of trusted keys that hold: {}; wanted: {}\n", checked->held.size(),
                checked->wanted);
  for (const HeldSignature& each : checked->held)
    answer->print("  {}: by {}\n", printable(each.signature.filename().string()),
                  printable(each.key.string()));
  for (const std::string& each : checked->not_counted) answer->print("  {}\n", printable(each));
}

}  // namespace loopgate
