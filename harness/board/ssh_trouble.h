// What ssh means by what it says on standard error. Its exit status is 255 for all of it. Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace loopgate {

enum class SshTrouble {
  unreachable,        // off, booting, another address
  host_key_unknown,   // never met
  host_key_changed,   // another board, or one that was installed anew
  permission_denied,  // the key is not let in
  configuration,      // ssh does not take its options or its file
  lost,               // it was connected
  other,
};

SshTrouble trouble_in(const std::string& said);

// One sentence that names the host, and what to do. Kind: usage for the configuration, else infrastructure.
Error explain_ssh(const std::string& said, const std::string& host);

// The last line that is not empty, without control characters.
std::string last_word(const std::string& text);

}  // namespace loopgate
