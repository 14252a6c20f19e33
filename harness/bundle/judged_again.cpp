#include "bundle/judged_again.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/json.h"
#include "record/seal.h"

namespace loopgate {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// What a build that packs bundles did not write from the first on: whoever adds a key to verdict.json or
// acceptance.json adds it here, or no earlier bundle verifies. Any other that is missing was taken out.
constexpr std::array<std::string_view, 4> came_later = {"next_step", "guard_band", "quantile_intervals_ns",
                                                        "worst_case_sha256"};

bool came_later_than_bundles(std::string_view key) {
  return std::ranges::find(came_later, key) != came_later.end();
}

std::string at(const json& object, const std::string& place) {
  const json::json_pointer pointer(place);
  if (!object.contains(pointer)) return "nothing";
  return object.at(pointer).dump(-1, ' ', false, json::error_handler_t::replace);
}

// Takes what `theirs` lacks out of `ours`, and gives its place, once for all rows of a table.
void leave_out_added(const json& theirs, json* ours, const std::string& place,
                     std::vector<std::string>* added) {
  if (theirs.is_array() && ours->is_array())
    for (std::size_t i = 0; i < std::min(theirs.size(), ours->size()); ++i)
      leave_out_added(theirs[i], &(*ours)[i], place, added);
  if (!theirs.is_object() || !ours->is_object()) return;
  for (auto entry = ours->begin(); entry != ours->end();) {
    const std::string where = place + "/" + entry.key();
    const auto found = theirs.find(entry.key());
    if (found != theirs.end()) {
      leave_out_added(*found, &*entry++, where, added);
    } else if (came_later_than_bundles(entry.key())) {
      if (std::ranges::find(*added, where) == added->end()) added->push_back(where);
      entry = ours->erase(entry);
    } else {
      ++entry;
    }
  }
}

// Of an object that is equal to ours: no key twice, and a seal, where it has one, that holds.
bool is_as_written(const std::string& text) {
  auto object = parse_json<ordered_json>(text);
  const bool has_seal = object.erase("sha256") > 0;
  if (object.empty()) return false;
  const std::string written = object.dump(2, ' ', false, ordered_json::error_handler_t::replace);
  return text == (has_seal ? with_seal(written) : written + "\n");
}

}  // namespace

HeldAgainst hold_against(const std::string& recorded, const std::string& recomputed, Packer packer) {
  HeldAgainst held;
  if (recorded == recomputed) return held;
  json theirs = parse_json(recorded);
  json ours = parse_json(recomputed);
  if (!theirs.is_object()) return {"it is no JSON object", {}};
  // The seal is of the text. Where more differs, that is what is told.
  const bool seals_both = theirs.erase("sha256") == ours.erase("sha256");
  if (packer == Packer::another_build) leave_out_added(theirs, &ours, "", &held.added_since);
  if (theirs != ours) {
    const std::string place = json::diff(theirs, ours)[0]["path"];
    return {fmt::format("{}: {}, and the raw samples give {}", place, at(theirs, place), at(ours, place)),
            {}};
  }
  if (packer == Packer::another_build && seals_both && is_as_written(recorded)) return held;
  return {"/sha256: its text is not as loopgate writes it", {}};
}

}  // namespace loopgate
