// What the commands share that measure kernels between two others: bisect and cost.
#pragma once

#include <CLI/App.hpp>
#include <filesystem>
#include <string>

#include "bisect/kernel_bench.h"
#include "config/catalog.h"

namespace loopgate {

// Those of a plan that such a command takes, and --jobs.
void add_between_options(CLI::App* app, PlanRequest* plan, RunOptions* options);

// With its progress on stderr; the same command goes on when it was interrupted. `catalog` must outlive it.
KernelBench bench_at_terminal(const PlanRequest& plan, Policy policy, RunOptions options,
                              const Catalog& catalog);

// The page of `folder`/`data` by reports/`script`, in `folder`/report. Gives its line for the answer, which
// stands without it: none where it could not be drawn, and then none of an earlier call is left.
std::string draw_beside(const Catalog& catalog, const char* script, const std::filesystem::path& folder,
                        const char* data);

}  // namespace loopgate
