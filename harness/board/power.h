// Switches a board's power with the commands of lab.toml.
#pragma once

#include <chrono>

#include "base/result.h"
#include "config/lab.h"

namespace loopgate {

class Power {
 public:
  // `off_for`: how long a board stays without power, so that its capacitors are empty.
  explicit Power(const LabBoard& lab, std::chrono::milliseconds off_for = std::chrono::seconds(3));

  // Whether lab.toml names the commands.
  bool can_switch() const;

  // Off and on again. Each command may take 60 s. Errors: infrastructure.
  Status cycle() const;

 private:
  LabBoard lab_;
  std::chrono::milliseconds off_for_;
};

}  // namespace loopgate
