#include "programs/program_adapter.h"

#include "programs/cyclictest.h"
#include "programs/own_program.h"
#include "programs/stress_ng.h"

namespace loopgate {

const std::vector<const ProgramAdapter*>& program_adapters() {
  static const StressNg stress_ng;
  static const Cyclictest cyclictest;
  static const std::vector<const ProgramAdapter*> all = {&own_program(), &stress_ng, &cyclictest};
  return all;
}

const ProgramAdapter& own_program() {
  static const OwnProgram own;
  return own;
}

}  // namespace loopgate
