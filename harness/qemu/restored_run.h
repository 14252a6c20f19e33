// Measuring from a saved state. Damage to one may be where no digest shows it, and looks like the kernel's
// fault: a kernel that fails before the first stimulus is booted afresh once before it is blamed.
#pragma once

#include <functional>
#include <string_view>

#include "base/result.h"
#include "machine/machine.h"
#include "qemu/saved_state.h"

namespace loopgate {

struct RestoredRun {
  Result<MachineRun> run;
  bool restored = false;    // QEMU took the state
  bool stimulated = false;  // a stimulus was sent
};

// What a machine does with a state; a test, what it likes.
struct StateSteps {
  std::function<Result<SavedState>()> provide;  // the kept one, or that of a fresh boot
  std::function<RestoredRun(const SavedState&)> measure;
  std::function<Status(const SavedState&, const std::string& why)> discard;
};

// How the failure of a kernel ends that failed from a kept state and again from a fresh boot: of the host's
// cache, not of the kernel.
inline constexpr std::string_view failed_from_both = ", from a saved state and again from a fresh boot";

// A state that this run booted itself gets no second try, but where QEMU did not take it. `used` is the last;
// it stays empty where none could be had.
Result<MachineRun> measure_from_state(const StateSteps& steps, SavedState* used);

}  // namespace loopgate
