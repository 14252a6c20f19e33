#include "programs/load/load_program.h"

#include "programs/load/cyclictest.h"
#include "programs/load/own_program.h"
#include "programs/load/stress_ng.h"

namespace loopgate {

const std::vector<const LoadProgram*>& all_load_programs() {
  static const StressNg stress_ng;
  static const Cyclictest cyclictest;
  static const std::vector<const LoadProgram*> all = {&own_program(), &stress_ng, &cyclictest};
  return all;
}

const LoadProgram& own_program() {
  static const OwnProgram own;
  return own;
}

}  // namespace loopgate
