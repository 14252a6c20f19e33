// What a network says of one part: the larger score decides.
#pragma once

namespace loopgate::inspection {

struct Scores {
  float ng = 0;
  float ok = 0;
};

}  // namespace loopgate::inspection
