// Tests of a text, shared by the checks of files, options and arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "audit/check.h"

namespace loopgate {

struct TextTest {
  enum class Kind {
    one_of,       // the whole text, without surrounding blanks
    contains,     // contains one of the words
    lacks,        // contains none of the words
    chosen,       // the word in brackets, as in "always [madvise] never", is one of these
    at_most,      // the first word is a number
    at_least,     // the first word is a number
    bits_clear,   // of a number
    cpus_hold,    // a list of CPUs includes all of the parameter's
    cpus_lack,    // … includes none of them
    mask_lacks,   // the same for a hexadecimal mask
    min_release,  // "6.12.118-rt" compared with "6.12", number by number
    release_below,
  };
  Kind kind = Kind::one_of;
  std::vector<std::string> words;
  std::int64_t number = 0;
  std::vector<std::int64_t> bits;
  std::string parameter;
};

// Reads the table's one test key; refuses none and two.
TextTest read_text_test(TomlReader* reader);

// The parameter that the test refers to, if any.
std::map<std::string, ParameterKind> parameters_of(const TextTest& test);

// `seen` is the part of the text that decided, at most one line.
CheckOutcome try_text(const TextTest& test, std::string_view text, const Parameters& parameters);

}  // namespace loopgate
