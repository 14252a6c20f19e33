// pmqtest of rt-tests: how late a thread goes on that waits for another by a POSIX message queue.
#include "programs/measuring/pair_program.h"

namespace loopgate {

const MeasuringProgram& pmqtest_program() {
  static const PairProgram program("pmqtest", "pmqtest", true, "-f --forcetimeout -S --smp -T --timeout");
  return program;
}

}  // namespace loopgate
