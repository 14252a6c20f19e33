#include "analysis/section_places.h"

#include <algorithm>
#include <array>

namespace loopgate {

bool acts_for_caller(std::string_view function) {
  constexpr std::array<std::string_view, 11> prefixes = {
      "_raw_",    "__raw_",      "raw_spin", "rt_spin_", "rt_read_",      "rt_write_",
      "preempt_", "__local_bh_", "migrate_", "queued_",  "__cond_resched"};
  constexpr std::array<std::string_view, 3> names = {"__schedule", "schedule", "local_daif_restore"};
  return std::ranges::find(names, function) != names.end() ||
         std::ranges::any_of(prefixes, [&](std::string_view prefix) { return function.starts_with(prefix); });
}

std::string function_name(std::uint64_t address, Symbols* symbols) {
  if (address >> 63U == 0) return "user space";
  return symbols->names()[symbols->function_at(address)];
}

// The link register is the caller's only in a function that has called nothing yet; else it leads back into
// the function itself.
PlaceName place_name(const SectionPlace& place, Symbols* symbols) {
  const std::string function = function_name(place.address, symbols);
  if (place.link == 0 || !acts_for_caller(function)) return {function, ""};
  const std::string caller = function_name(place.link - 1, symbols);
  if (caller == function || caller == "user space") return {function, ""};
  return {caller, function};
}

PlaceName lock_place_name(const SectionPlace& place, Symbols* symbols) {
  if (place.link == 0) return {};
  return {function_name(place.link - 1, symbols), function_name(place.address, symbols)};
}

std::pair<PlaceName, PlaceName> place_names(const SectionPlaces& places, Symbols* symbols) {
  const bool of_lock = static_cast<SectionKind>(places.kind) >= SectionKind::lock_wait;
  const auto name = [&](const SectionPlace& place) {
    return of_lock ? lock_place_name(place, symbols) : place_name(place, symbols);
  };
  return {name(places.opened), name(places.closed)};
}

}  // namespace loopgate
