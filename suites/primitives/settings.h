// What a primitive is run with, and how one says that it cannot be.
#pragma once

#include <cerrno>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "target/service.h"

namespace loopgate::primitives {

struct Settings {
  std::int64_t iterations = 0;
  std::string policy = "other";  // or fifo, rr, deadline
  int priority = 0;              // of fifo and rr; partners have the two above it, too
  std::string chip;              // the GPIO chip's label, name or path
  unsigned line = 0;             // an output that nothing is harmed by
};

// Its sentence says what was refused.
class Refused : public std::runtime_error {
 public:
  Refused(int status, const std::string& what) : std::runtime_error(what), exit_status(status) {}
  int exit_status;
};

// With errno's words.
[[noreturn]] void refuse(const char* call, int exit_status = target::exit_broken);

// What must hold while iterations run. No exception: it may be on a partner's thread, and half an answer
// must not look like one.
[[noreturn]] void break_off(const char* what, int error);

inline void must(bool good, const char* call) {
  if (!good) [[unlikely]]
    break_off(call, errno);
}
inline void must_hold(bool good, const char* what) {
  if (!good) [[unlikely]]
    break_off(what, 0);
}

}  // namespace loopgate::primitives
