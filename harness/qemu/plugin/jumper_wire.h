// A jumper's wire, from one output line of a GPIO controller to one of its inputs.
#pragma once

#include <cstdint>
#include <optional>

namespace loopgate {

struct JumperWire {
  int from = 0;  // output line
  int to = 0;    // input line
  // A planted fault: once the output changed so often, its input is held high. 0: from the beginning.
  std::optional<std::uint32_t> sticks_after = {};
  // Another one: every so-many-th pulse of the output never comes to the input.
  std::optional<std::uint32_t> drops_each = {};
  friend bool operator==(const JumperWire&, const JumperWire&) = default;
};

}  // namespace loopgate
