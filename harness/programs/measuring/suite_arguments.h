// Which words a suite may give a measuring program. Pure.
//
// getopt(3) takes a value that is glued to its option (-b5), options behind each other (-mS) and their
// beginnings (--bucket-s); the adapters read none of that. So each option is written as it is listed, or it
// is refused: else one under which the output means something else would go by unseen.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "programs/measuring/measuring_program.h"

namespace loopgate {

// Usage error: names the program, the word, and what to write in its place.
Status check_arguments(const ProgramForm& form, const std::vector<std::string>& arguments);

}  // namespace loopgate
