// Bundles that name their predecessors: whether they are one chain, so that none of them was left out. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "accept/acceptance.h"
#include "base/result.h"

namespace loopgate {

struct ChainLink {
  std::string bundle;  // its file, for people
  std::string sha256;
  std::string id;
  std::string begun;
  std::string ended;
  std::optional<Predecessor> predecessor;
};

// The links' places from the earliest to the latest. A data error that names the bundles: a predecessor that
// is not among them, two that come after the same one, two beginnings, one given twice, one that began before
// its predecessor had ended, one that says another id or end of its predecessor than that says itself.
Result<std::vector<std::size_t>> order_of_chain(const std::vector<ChainLink>& links);

}  // namespace loopgate
