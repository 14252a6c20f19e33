// How a ListedChange stands in JSON. For the sources that write or read one (base/json_table.h).
#pragma once

#include "base/json_table.h"
#include "record/listed_change.h"

namespace loopgate {

constexpr auto fields_of(const ListedChange*) {
  return std::tuple(field("kind", &ListedChange::kind), field("was", &ListedChange::was),
                    field("becomes", &ListedChange::becomes), field("text", &ListedChange::text));
}

}  // namespace loopgate
