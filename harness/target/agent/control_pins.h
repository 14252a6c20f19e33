// The two lines between the agent and the bench (libgpiod; on the target only).
#pragma once

#include <gpiod.hpp>

#include "base/result.h"

namespace loopgate {

class ControlPins {
 public:
  // `chip` is a label, a name or a path.
  static Result<ControlPins> open(const std::string& chip, unsigned line_in, unsigned line_out);

  // Readable once the bench has raised its line. Nobody reads it empty, so it stays so.
  int stop_fd() const { return in_.fd(); }

  // Raises and lowers the line to the bench. False when the kernel refuses.
  bool pulse();

 private:
  ControlPins(gpiod::line_request in, gpiod::line_request out, unsigned line_out)
      : in_(std::move(in)), out_(std::move(out)), line_out_(line_out) {}

  gpiod::line_request in_;
  gpiod::line_request out_;
  gpiod::line::offset line_out_;
};

}  // namespace loopgate
