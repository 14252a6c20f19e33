// svsematest of rt-tests: how late a thread goes on that waits for another by a System V semaphore.
#include "programs/measuring/pair_program.h"

namespace loopgate {

// By its whole path, of which it makes its semaphore's key. It has no --quiet (2.6).
const MeasuringProgram& svsematest_program() {
  static const PairProgram program("svsematest", "/usr/bin/svsematest", false, "-f --fork -S --smp");
  return program;
}

}  // namespace loopgate
