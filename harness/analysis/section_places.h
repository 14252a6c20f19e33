// Who opened or closed a critical section: the function behind a lock's own.
#pragma once

#include <utility>

#include "analysis/section_summary.h"

namespace loopgate {

// Whether a function of the kernel's changes the state on its caller's behalf, as `_raw_spin_lock_irqsave`.
bool acts_for_caller(std::string_view function);

PlaceName place_name(const SectionPlace& place, Symbols* symbols);

// The call of a function that takes a lock: who called it. Nothing of a place that was not seen.
PlaceName lock_place_name(const SectionPlace& place, Symbols* symbols);

// Of what opened and closed a window.
std::pair<PlaceName, PlaceName> place_names(const SectionPlaces& places, Symbols* symbols);

// The kernel's function at an address; "user space" below the kernel's.
std::string function_name(std::uint64_t address, Symbols* symbols);

}  // namespace loopgate
