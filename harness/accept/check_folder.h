// Whether the folder of an acceptance says what its raw samples say: for whoever draws it, or shows it as it
// stands there. `loopgate verify` asks the same of a bundle (verify_acceptance.h).
#pragma once

#include <filesystem>
#include <vector>

#include "accept/describe.h"
#include "base/result.h"

namespace loopgate {

// The runs of a folder that `loopgate accept` left, or of an unpacked bundle, judged from the raw samples. A
// data error that names the file and the first place in it that differs: a verdict.json, acceptance.json, a
// run that is not the plan's; and where acceptance.lgb stands beside them, any file that is another there.
// What another build wrote is held as `verify` holds it (bundle/judged_again.h); `own` is this one.
// Needs as much room as that bundle in the folder for temporary files.
Result<std::vector<AcceptedRun>> check_acceptance_folder(const std::filesystem::path& folder,
                                                         const LoopgateVersion& own);

}  // namespace loopgate
