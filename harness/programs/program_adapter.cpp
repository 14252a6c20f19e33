#include "programs/program_adapter.h"

#include <algorithm>

#include "programs/own_program.h"
#include "programs/stress_ng.h"

namespace loopgate {

const std::vector<const ProgramAdapter*>& program_adapters() {
  static const OwnProgram own;
  static const StressNg stress_ng;
  static const std::vector<const ProgramAdapter*> all = {&own, &stress_ng};
  return all;
}

const ProgramAdapter& adapter_of(std::string_view key) {
  const auto& all = program_adapters();
  const auto found = std::ranges::find(all, key, &ProgramAdapter::key);
  return found == all.end() ? *all.front() : **found;
}

}  // namespace loopgate
