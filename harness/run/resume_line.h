// The command line that goes on with a run, for who has its folder and not the line that began it.
#pragma once

#include <filesystem>
#include <string>

#include "record/run_record.h"

namespace loopgate {

// "loopgate run irq-to-gpio --kernel ... --resume --out FOLDER", quoted for a shell: it plans the very run.
// What the run's files do not show is left out: --lab. Empty where no command goes
// on with it: a capture, and a merged run.
std::string resume_line(const std::string& program, const RunRecord& run,
                        const std::filesystem::path& folder);

}  // namespace loopgate
