// What an expected failure looks like: one sentence for a person, and the exit status that goes with it.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "target/service.h"

namespace loopgate::inspection {

// Those of target::ExitStatus, and the inspection's own.
inline constexpr int exit_model = 6;   // the model is missing, damaged, or not of a kind that is understood
inline constexpr int exit_camera = 7;  // there is no camera or picture, or it failed

struct Problem {
  int exit_status;
  std::string what;
};

template <class T>
using Result = tl::expected<T, Problem>;

using Status = Result<void>;

inline tl::unexpected<Problem> fail(int exit_status, std::string what) {
  return tl::unexpected<Problem>(Problem{exit_status, std::move(what)});
}

}  // namespace loopgate::inspection
