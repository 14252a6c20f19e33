#include "qemu/restored_run.h"

#include <fmt/format.h>

namespace loopgate {
namespace {

bool may_be_the_states_fault(const RestoredRun& seen, const SavedState& state) {
  if (seen.run || seen.run.error().kind == ErrorKind::usage) return false;
  if (!seen.restored) return true;
  return seen.run.error().kind == ErrorKind::kernel && !seen.stimulated && !state.fresh;
}

std::string suspicion(const RestoredRun& seen) {
  const std::string& what = seen.run.error().what;
  return seen.restored ? fmt::format("before the first stimulus, {}", what)
                       : fmt::format("it could not be restored: {}", what);
}

}  // namespace

Result<MachineRun> measure_from_state(const StateSteps& steps, SavedState* used) {
  TRY(first_state, steps.provide());
  *used = first_state;
  RestoredRun first = steps.measure(first_state);
  if (!may_be_the_states_fault(first, first_state)) return std::move(first.run);
  const std::string why = suspicion(first);
  TRY_STATUS(steps.discard(first_state, why));
  *used = {};
  TRY(second_state, steps.provide());
  *used = second_state;
  RestoredRun second = steps.measure(second_state);
  if (second.run) {
    second.run->discarded_state = why;
  } else if (second.run.error().kind == ErrorKind::kernel && first.restored) {
    second.run.error().what += failed_from_both;
  }
  return std::move(second.run);
}

}  // namespace loopgate
