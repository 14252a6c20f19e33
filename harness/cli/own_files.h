// --path: names that lead to files of the user's own. From here on their paths stand in the request, so that
// every later step finds them as it finds whatever was named by its path.
#pragma once

#include <CLI/App.hpp>

#include "config/catalog.h"
#include "run/plan.h"

namespace loopgate {

void add_path_option(CLI::App* command, std::vector<std::string>* folders);

// Whatever the request names, and what its suite names where the request does not.
Status use_own_files(const Catalog& catalog, PlanRequest* request);
// Of a request without a suite: board, kernels and loads alone.
Status use_own_files_without_suite(const Catalog& catalog, PlanRequest* request);

}  // namespace loopgate
