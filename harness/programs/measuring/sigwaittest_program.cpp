// sigwaittest of rt-tests: how late a thread goes on that waits for another by sigwait(3).
#include "programs/measuring/pair_program.h"

namespace loopgate {

const MeasuringProgram& sigwaittest_program() {
  static const PairProgram program("sigwaittest", "sigwaittest", true, "-f --fork");
  return program;
}

}  // namespace loopgate
