// What a measurement from outside was of, as the person says who made it: an external instrument sees pins
// and no kernel.
#pragma once

#include <string>

namespace loopgate {

struct MeasuredBoard {
  std::string suite = "capture";
  std::string board;
  std::string kernel;
  std::string load;
};

}  // namespace loopgate
