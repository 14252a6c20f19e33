// Classifies ssh's failures by its messages on standard error; its exit status is 255 for all of them. Pure.
#pragma once

#include <string>

#include "base/result.h"

namespace loopgate {

enum class SshTrouble {
  unreachable,        // off, booting, another address
  host_key_unknown,   // never seen before
  host_key_changed,   // another board, or a reinstalled one
  permission_denied,  // the login key is rejected
  configuration,      // ssh rejects its options or its configuration file
  lost,               // the connection broke
  other,
};

SshTrouble trouble_in(const std::string& said);

// One sentence that names the host, and the next step. Kind: usage for the configuration, else
// infrastructure.
Error explain_ssh(const std::string& said, const std::string& host);

// The last line that is not blank, for a message: at most 300 characters, with `?` for what is not printable
// ASCII, since the text comes from another machine.
std::string last_printable_line(const std::string& text);

}  // namespace loopgate
