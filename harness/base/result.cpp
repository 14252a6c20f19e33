#include "base/result.h"

namespace loopgate {

std::string to_text(const Error& error) {
  if (error.next_step.empty()) return error.what;
  return error.what + "\n  -> " + error.next_step;
}

const char* name_of(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::usage:
      return "usage";
    case ErrorKind::infrastructure:
      return "infrastructure";
    case ErrorKind::kernel:
      return "kernel";
    case ErrorKind::data:
      return "data";
  }
  return "unknown";
}

}  // namespace loopgate
