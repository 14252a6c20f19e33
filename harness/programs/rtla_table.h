// What the tools of rtla have in common. Pure.
#pragma once

#include "programs/program_text.h"

namespace loopgate {

// A table of `rtla timerlat hist` or `rtla osnoise hist`: a column for each CPU and kind ("IRQ", "Thr",
// "Usr", "CPU"); those of one kind are put together.
struct RtlaHistogram {
  LatencyHistogram histogram;
  std::uint64_t count = 0;
};

// By kind; `entries`: how many bins there are, since those that are empty are left out. A data error where
// rows are missing, or where a column's bins and its count differ.
Result<std::map<std::string, RtlaHistogram>> rtla_histograms(std::string_view text, std::size_t entries);

// How many bins it was asked for.
std::size_t entries_in(const std::vector<std::string>& argv);

// Where it was not started at all, or stopped at its limit; nothing where it came to its end.
std::optional<ProgramResult> rtla_ended_early(const ProgramEnd& end);

}  // namespace loopgate
