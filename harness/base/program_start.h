// What a program settles before anything else: it can't choose what it is started with.
#pragma once

#include <string>

#include "base/standard_descriptors.h"

namespace loopgate {

struct ProgramStart {
  std::string unknown_locale;  // as in "LC_ALL=xx_YY.UTF-8", of which this machine has none; else empty
};

// First in main(). A descriptor from 0 to 2 that is closed is opened on a device, so that no file gets its
// number and with it what is printed: writing to a standard output that was closed fails. A reader who leaves
// makes a write fail and ends nothing. The locale is C, of this program and of those that it starts, whose
// messages it reads. Without a PATH, programs are looked for where the system has them. An exception that
// nothing can catch, as one that a destructor lets out for want of memory, ends the program as INVALID: a
// signal's number is nobody's verdict.
ProgramStart start_program();

// The parts of it, for programs that need no more.
void outlive_readers();
void end_as_invalid_by_uncaught_exceptions();
std::string settle_locale();  // the locale that is unknown here
void settle_path();

}  // namespace loopgate
