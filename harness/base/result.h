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

// Propagation of errors, in a function that itself returns a Result or a Status:
//
//   TRY(text, read_file(path));       // auto text = the file's text; or returns read_file's error
//   TRY_STATUS(make_directories(folder));  // goes on, or returns its error
//
// Each is a statement of several, so that it can't be the only one of an `if` without braces. Where an error
// gets a kind or a text of its own on its way, write the `if`. (A macro, since C++20 has nothing that returns
// from its caller.)
#define LOOPGATE_JOIN_NOW(left, right) left##right
#define LOOPGATE_JOIN(left, right) LOOPGATE_JOIN_NOW(left, right)
#define TRY(name, ...) LOOPGATE_TRY(LOOPGATE_JOIN(result_of_line_, __LINE__), name, __VA_ARGS__)
#define LOOPGATE_TRY(result, name, ...)                            \
  auto result = __VA_ARGS__;                                       \
  if (!result) return ::tl::unexpected(std::move(result).error()); \
  auto name = *std::move(result)
#define TRY_STATUS(...) LOOPGATE_TRY_STATUS(LOOPGATE_JOIN(result_of_line_, __LINE__), __VA_ARGS__)
#define LOOPGATE_TRY_STATUS(result, ...) \
  if (auto result = __VA_ARGS__; !result) return ::tl::unexpected(std::move(result).error())
