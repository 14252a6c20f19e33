// A candidate's settings as they stand in a guest of the virtual bench: its kernel is booted and tuned as for
// a measurement, the load runs, and the audit's script reads the guest. Nothing is measured, and no cell
// waits for it.
#pragma once

#include <atomic>
#include <string>

#include "audit/facts.h"
#include "base/notify.h"
#include "base/result.h"
#include "run/plan.h"
#include "run/session.h"

namespace loopgate {

// What is audited: one kernel under one load on a virtual board. A usage error where a name is unknown, or
// the board is none of the virtual bench's.
Result<Plan> guest_plan(const PlanRequest& request, const Catalog& catalog);

// The request of a guest that runs `script` in place of a payload. Pure.
CellRequest guest_request(const Session& session, const std::string& script,
                          const std::filesystem::path& folder);

// What the guest printed, once the run is seen to have been what the kernel's file asks for: a kernel error
// where the kernel failed, an infrastructure error for all else. Reads the files in the request's folder. The
// agent's own threads are marked as the bench's.
Result<Facts> facts_of_run(const Session& session, const CellRequest& request, const MachineRun& run);

// All of it, in a scratch folder that is gone afterwards. `stop` may be nothing.
Result<Facts> facts_of_guest(const Session& session, const FactRequest& wanted, const Notify& notify,
                             const std::atomic<bool>* stop);

}  // namespace loopgate
