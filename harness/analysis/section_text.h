// The recorded sections as people read them on a screen.
#pragma once

#include <string>
#include <vector>

#include "analysis/sections.h"

namespace loopgate {

std::string to_text(const std::vector<CellSections>& cells);

// "free_unref_folios (by _raw_spin_unlock_irqrestore)"
std::string place_text(const PlaceName& place);

}  // namespace loopgate
