// What programs.json says of a program, held against what the program left, which its adapter reads once
// more: who edits the one and makes every digest anew is found out by the other.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "record/programs_file.h"
#include "stats/comparison.h"

namespace loopgate {

// `left` is the text of the cell's programs/NAME.json. Empty where they agree, and where the record says
// invalid or not started, which no file makes better.
std::string other_than_left(const ProgramRecord& record, std::string_view left);

// Makes the cells INVALID in which one does not agree, or can't be read.
void reread_programs(const std::filesystem::path& run_dir, Comparison* comparison);

}  // namespace loopgate
