// Measures null variants: whole runs of the same kernels under the same loads, which differ by nothing that
// is of the kernel. On virtual time each has a longer command line (run/null_change.h) and schedules of its
// own; on a board each is as many boots as a run has, and nothing else.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/catalog.h"
#include "gate/policy.h"
#include "run/measure_plan.h"

namespace loopgate {

struct VariantRequest {
  PlanRequest plan;  // of the first; the seeds of the others follow it
  int variants = 8;
  std::filesystem::path folder;  // of the calibration
  RunOptions options;
  LoopgateVersion loopgate;
};

// What the policy speaks of, of the suite's own kernels and loads, where the request names none.
Result<PlanRequest> with_judged(PlanRequest request, const Policy& policy, const Catalog& catalog);

// As plan of the variant (from 1), and where it is measured.
PlanRequest variant_of(const VariantRequest& request, int variant, bool on_virtual_time);
std::filesystem::path folder_of(const VariantRequest& request, int variant);

// Whether the policy can judge such a run with another one as its baseline; a usage error as evaluate() says
// it. Before minutes are spent on measuring.
Status check_policy(const Policy& policy, const Comparison& description);

// Measures what is not measured yet, and gives the statistics of each; those of cells that are not measured
// say why. The session is that of the first variant, and all have its inputs. A usage error where a variant's
// folder holds another run.
Result<std::vector<Comparison>> measure_variants(Session* session, const VariantRequest& request,
                                                 const MeasureHooks& hooks, Progress* progress);

}  // namespace loopgate
