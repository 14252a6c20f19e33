// What is wrong with a run's files, in words that are the same wherever the run lies.
#pragma once

#include <filesystem>
#include <string>

namespace loopgate {

// `text` with the files of the run named within it: "cells/a.idle/samples.lgs" for what stands under
// `run_dir`. A bundle of the run is judged again elsewhere, and must come to the same words. Not for what an
// outcome.json says, which is the same everywhere as it is.
std::string within_run(std::string text, const std::filesystem::path& run_dir);

}  // namespace loopgate
