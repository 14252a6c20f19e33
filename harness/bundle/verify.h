// Whether a bundle says what its raw samples say: everything is computed again, and compared.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "bundle/pack.h"
#include "bundle/unpack.h"

namespace loopgate {

struct VerifiedBundle {
  UnpackedBundle unpacked;
  JudgedBundle judged;  // from the raw samples
};

// Unpacks into a scratch folder in `scratch`, which is gone afterwards. A data error that names the first
// thing that differs: a byte, a file, or a key of the verdict.
Result<VerifiedBundle> verify(const std::filesystem::path& bundle, const std::filesystem::path& scratch);

// "/checks/0/seen: 30000, and the raw samples give 30001": the first place where two JSON texts differ; empty
// where they are equal to the byte.
std::string first_difference(const std::string& recorded, const std::string& recomputed);

}  // namespace loopgate
