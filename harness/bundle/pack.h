// Packs a run and a policy into one file, a plain tar archive that `tar tf` reads:
//
//   manifest.json   what else is in it (manifest.h)
//   policy.toml     what it is judged by
//   run/...         the run's folder, without what is derived from it (is_derived, archive.h)
//   verdict.json    what the gate says of the two, in the bundle's own words (judge_unpacked)
//
// In this order, each header in its one form, nothing between or behind: every byte of the file is either
// covered by a digest or can be no other.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "gate/verdict.h"
#include "record/run_record.h"
#include "stats/comparison.h"

namespace loopgate {

struct PackRequest {
  std::filesystem::path run_dir;
  std::filesystem::path policy;
  std::filesystem::path out;  // must not exist
  LoopgateVersion loopgate;
};

inline constexpr const char* policy_in_bundle = "policy.toml";
inline constexpr const char* run_in_bundle = "run";
inline constexpr const char* verdict_in_bundle = "verdict.json";

struct JudgedBundle {
  Comparison comparison;
  Verdict verdict;
};

// The verdict on a run's raw samples, by one policy alone, and without names of folders: the same wherever
// the bundle is unpacked. Rules against a baseline, which no bundle has, judge nothing; a usage error where
// the policy requires one, or has no other rule.
Result<JudgedBundle> judge_unpacked(const std::filesystem::path& run_dir,
                                    const std::filesystem::path& policy);

// Written beside `out`, synced and renamed: a kill or a full disk leaves no bundle that is not whole. A usage
// error where `out` exists, or the run holds what a bundle has no place for (a link, a name with a space).
Result<JudgedBundle> pack(const PackRequest& request);

}  // namespace loopgate
