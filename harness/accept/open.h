// The folder of an acceptance (begin.h) on disk: made, or gone on with.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "accept/begin.h"
#include "base/file_lock.h"
#include "base/result.h"

namespace loopgate {

// A usage error that names what is asked for now and is not what it was begun with. `policies_sha256`: of
// the runs of the record's plan.
Status check_same(const std::filesystem::path& out, const AcceptanceRecord& begun,
                  const std::vector<std::string>& policies_sha256, const AskedAcceptance& asked);

// Makes the folder, or goes on with the one that is there: then the record is that one's, with this attempt,
// and the cells that are to be measured again are written down before they are. A usage error where the
// folder is there and it is not to go on, or was begun with anything else, which is named.
Result<FileLock> open_acceptance(const AcceptRequest& request, PlannedAcceptance* planned);

// Writes down that this attempt ended by itself, and not with a bundle.
Status end_attempt(const std::filesystem::path& out, AcceptanceRecord* record);

}  // namespace loopgate
