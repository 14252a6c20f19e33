// A jumper's wire, from one output line of a GPIO controller to one of its inputs.
#pragma once

namespace loopgate {

struct JumperWire {
  int from = 0;  // output line
  int to = 0;    // input line
  friend bool operator==(const JumperWire&, const JumperWire&) = default;
};

}  // namespace loopgate
