// Whether a bundle says what its raw samples say: everything is computed again, and compared.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bundle/pack.h"
#include "bundle/released.h"
#include "bundle/signatures.h"
#include "bundle/unpack.h"

namespace loopgate {

// Whose signatures a bundle must have. No keys: none is looked at.
struct Trust {
  std::vector<std::filesystem::path> keys;
  std::size_t signatures = 0;  // how many of them must have signed; 0: each
};

struct VerifiedBundle {
  UnpackedBundle unpacked;
  JudgedBundle judged;  // from the raw samples
  ReleaseCheck release;
  std::optional<CheckedSignatures> signatures;
};

// Checks the signatures before anything in the bundle is read, then unpacks into a scratch folder in
// `scratch`, which is gone afterwards. A data error that names the first thing that differs: a byte, a file,
// or a key of the verdict; or says what signature is missing (check_signatures). A usage error where more
// signatures are wanted than keys are trusted.
Result<VerifiedBundle> verify(const std::filesystem::path& bundle, const std::filesystem::path& scratch,
                              const Trust& trust = {});

// "/checks/0/seen: 30000, and the raw samples give 30001": the first place where two JSON texts differ; empty
// where they are equal to the byte.
std::string first_difference(const std::string& recorded, const std::string& recomputed);

}  // namespace loopgate
