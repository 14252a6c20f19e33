// What a text must be: the part that checks of files, options and arguments share.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/check.h"

namespace loopgate {

struct TextTest {
  enum class Kind {
    one_of,            // the whole text, without blanks around it
    contains,          // one of the words is in it
    lacks,             // none of the words is
    chosen,            // the word in brackets, as in "always [madvise] never", is one of these
    at_most,           // the first word is a number
    at_least,          //
    bits_clear,        // of a number
    cpus_hold,         // a list of CPUs has all of the parameter's
    cpus_lack,         // … has none of them
    mask_lacks,        // the same for a hexadecimal mask
    release_at_least,  // "6.12.118-rt" against "6.12": numbers between dots
    release_below,
  };
  Kind kind = Kind::one_of;
  std::vector<std::string> words;
  std::int64_t number = 0;
  std::vector<std::int64_t> bits;
  std::string parameter;
};

// Reads the one key of the table that is a test's; refuses none and two.
TextTest read_text_test(Reader* reader);

// The parameter that the test refers to, if it does.
std::map<std::string, ParameterKind> parameters_of(const TextTest& test);

// `seen` is the part of the text that decided, at most a line long.
CheckOutcome try_text(const TextTest& test, std::string_view text, const Parameters& parameters);

}  // namespace loopgate
