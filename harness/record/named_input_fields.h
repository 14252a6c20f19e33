// How a NamedInput stands in JSON. For the sources that write or read one (base/json_table.h).
#pragma once

#include "base/json_table.h"
#include "record/run_record.h"

namespace loopgate {

constexpr auto fields_of(const NamedInput*) {
  return std::tuple(field("name", &NamedInput::name), field("sha256", &NamedInput::sha256));
}

}  // namespace loopgate
