// What an expected failure looks like: a value with a kind, one sentence and the next step.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace loopgate {

// Whose fault it is. The kinds never merge: they decide the verdict and the exit status.
enum class ErrorKind {
  usage,           // the user asked for something that can't be: exit 2
  infrastructure,  // the bench broke (host, QEMU, disk, network): INVALID, exit 3
  kernel,          // the kernel under test panicked, hung or lost an interrupt: FAIL, exit 1
  data,            // a file is damaged, altered or of another format: INVALID, exit 3
};

struct Error {
  ErrorKind kind;
  std::string what;       // one sentence: what is wrong, and where (file, key, cell)
  std::string next_step;  // what to do about it; may be empty
};

template <class T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

inline tl::unexpected<Error> fail(ErrorKind kind, std::string what, std::string next_step = {}) {
  return tl::unexpected<Error>(Error{kind, std::move(what), std::move(next_step)});
}

// "what (next step)", as a person reads it.
std::string to_text(const Error& error);

const char* name_of(ErrorKind kind);

}  // namespace loopgate
