// Whether an acceptance's bundle says what its raw samples, its plan file and its nonce say.
//
//   manifest.json              as of any bundle (bundle/pack.h)
//   acceptance.json            acceptance.h
//   runs/NAME/policy.toml, run/..., verdict.json     of each [[run]] of the plan file, as a bundle of one run
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "accept/acceptance.h"
#include "accept/describe.h"
#include "base/json.h"
#include "base/result.h"
#include "bundle/verify.h"

namespace loopgate {

bool is_acceptance(const Manifest& manifest);

struct VerifiedAcceptance {
  UnpackedBundle unpacked;
  std::optional<CheckedSignatures> signatures;
  AcceptanceRecord record;
  AcceptancePlan plan;
  std::vector<AcceptedRun> runs;         // judged from the raw samples
  std::vector<ReleaseCheck> releases;    // of each
  nlohmann::json document;               // acceptance.json, computed again
  std::vector<std::string> added_since;  // JudgedAgain's, and those of acceptance.json
};

// A data error that names the first thing that differs: a file, a run that is not the plan's, a seed, a key
// of a verdict or of acceptance.json.
Result<VerifiedAcceptance> verify_acceptance(const OpenedBundle& opened);

// What a later acceptance names of a bundle that it comes after. Its bytes are held against its manifest, and
// no verdict is computed. A usage error where it is no acceptance's.
Result<Predecessor> read_predecessor(const std::filesystem::path& bundle,
                                     const std::filesystem::path& scratch, const LoopgateVersion& own);

}  // namespace loopgate
