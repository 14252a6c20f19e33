// ptsematest of rt-tests: how late a thread goes on that waits for another by a POSIX mutex.
#include "programs/measuring/pair_program.h"

namespace loopgate {

const MeasuringProgram& ptsematest_program() {
  static const PairProgram program("ptsematest", "ptsematest", true, "-S --smp");
  return program;
}

}  // namespace loopgate
