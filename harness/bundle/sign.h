// Signs a bundle with a key of the user's: minisign or ssh-keygen asks for its passphrase, which loopgate
// never sees.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "bundle/keys.h"

namespace loopgate {

struct Signing {
  KeyKind kind = KeyKind::minisign;
  std::filesystem::path key;
  std::filesystem::path signature;  // the file beside the bundle
};

// What would sign `bundle`, before it is there. A data error where the file is no key to sign with, a usage
// error where the signature's file is there already, an infrastructure error where the program is not
// installed.
Result<Signing> plan_signing(const std::filesystem::path& bundle, const std::filesystem::path& key);

// Writes the signature beside and names it when it is whole. An infrastructure error where the program did
// not sign, as with a wrong passphrase: then no file of that name is there. It has ten minutes for the
// passphrase.
Status sign(const std::filesystem::path& bundle, const Signing& signing);

}  // namespace loopgate
