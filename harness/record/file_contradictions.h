// What a cell's files say, held against an outcome that says measured: no run leaves a pair that contradicts
// itself, so where every digest fits and two files disagree, one was written anew.
#pragma once

#include <filesystem>
#include <string>

#include "record/outcome.h"

namespace loopgate {

// "it is measured, and in console.log the kernel panicked: ...", or what evidence.json has that makes a cell
// INVALID: a check, a tuning or a rate of the load that did not hold, an agent that failed. Empty where they
// agree, where the cell is not measured, and of files that are not there.
std::string contradiction_of_files(const std::filesystem::path& cell_folder, const Outcome& outcome);

// The same of evidence.json's text alone. Empty for a text that is none.
std::string failed_in_evidence(const std::string& text);

}  // namespace loopgate
