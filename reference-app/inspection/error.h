// An expected failure: one sentence for a person, and the program's exit status.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "target/service.h"

namespace loopgate::inspection {

// The inspection's own exit statuses; target::ExitStatus has the others.
inline constexpr int exit_model = 6;   // the model is missing, damaged or not supported
inline constexpr int exit_camera = 7;  // the camera or picture is missing, or failed

struct Error {
  int exit_status;
  std::string what;
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(int exit_status, std::string what) {
  return tl::unexpected<Error>(Error{exit_status, std::move(what)});
}

}  // namespace loopgate::inspection
