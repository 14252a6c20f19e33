// What a command prints: its answer on standard output, and what it tells meanwhile on standard error.
#pragma once

#include <fmt/format.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace loopgate {

// To whoever may be there: a stream that is full, closed or without a reader stops nothing.
void tell(std::FILE* stream, std::string_view text);

// The same of what is told while work goes on, which waits for nobody: what a pipe or terminal can't take at
// once is left out.
void tell_progress(std::FILE* stream, std::string_view text);

// What the command was called for. Unlike what is told, it must arrive: a command whose answer could not be
// written has not done what it was asked.
class Answer {
 public:
  explicit Answer(int descriptor) : descriptor_(descriptor) {}  // not owned

  template <class... Args>
  void print(fmt::format_string<Args...> format, Args&&... args) {
    text_ += fmt::format(format, std::forward<Args>(args)...);
  }

  // All that was printed since the last time. An infrastructure error where it could not be written.
  Status write();

 private:
  int descriptor_;
  std::string text_;
};

}  // namespace loopgate
