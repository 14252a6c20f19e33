// The subject of an external measurement, as given by its user: an external instrument sees pins, not the
// kernel.
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
